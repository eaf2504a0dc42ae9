#include "proxseg/infer/scene.h"

#include "proxseg/scene/reservoir.h"

namespace proxseg {
namespace {

// Files that would be dropped are not even read. A video has to be read anyway, and may lie about
// its length.
std::unique_ptr<FrameSource> open_background(const std::string& path,
                                             const BackgroundOptions& background) {
  SourceOptions options;
  options.on_error = OnError::kSkip;
  auto source = open_source(path, options);
  const SequenceInfo& info = source->info();
  if (info.kind == SequenceKind::kVideo || background.method == BackgroundMethod::kFirst) {
    return source;
  }
  options.every = FrameReservoir::spacing(info.frames, background.frames);
  return options.every == 1 ? std::move(source) : open_source(path, options);
}

}  // namespace

SceneModel scene_of(const SequenceInfo& sequence, const BackgroundOptions& options) {
  return model_scene(*prefetch(open_background(sequence.path, options)), options);
}

}  // namespace proxseg
