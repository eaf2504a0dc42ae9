#include "proxseg/segment/scene.h"

#include "proxseg/media/stream.h"
#include "proxseg/scene/reservoir.h"

namespace proxseg {
namespace {

// Files that would be dropped are not even read. A video has to be read anyway, and may lie about
// its length.
std::unique_ptr<FrameSource> open_background(const SequenceInfo& sequence,
                                             const BackgroundOptions& background) {
  SourceOptions options;
  options.on_error = OnError::kSkip;
  auto source = open_ahead(sequence, options);
  const bool is_of_files =
      sequence.kind != SequenceKind::kVideo && sequence.kind != SequenceKind::kStream;
  if (!is_of_files || background.method == BackgroundMethod::kFirst) return source;
  options.every = FrameReservoir::spacing(source->info().frames, background.frames);
  return options.every == 1 ? std::move(source) : open_ahead(sequence, options);
}

}  // namespace

SceneModel scene_of(const SequenceInfo& sequence, const BackgroundOptions& options) {
  return model_scene(*prefetch(open_background(sequence, options)), options);
}

}  // namespace proxseg
