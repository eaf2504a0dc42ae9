#include "proxseg/segment/segmenter.h"

#include <fmt/format.h>

#include <algorithm>

#include "proxseg/core/error.h"
#include "proxseg/media/stream.h"
#include "proxseg/recipe/fields.h"
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

MaskSettings settings_of(const Recipe& recipe, const std::vector<std::string>& keys) {
  MaskSettings settings;
  for (const Field& field : recipe_fields()) {
    const bool is_given = std::any_of(keys.begin(), keys.end(), [&](const std::string& key) {
      return key.ends_with('.') ? field.key.starts_with(key) : field.key == key;
    });
    if (is_given) settings[field.key] = to_text(field.get(recipe));
  }
  return settings;
}

void expect_frames(const std::vector<cv::Mat>& frames, cv::Size size) {
  if (size.empty()) throw UsageError("segment: begin() comes first");
  for (const cv::Mat& frame : frames) {
    if (frame.size() == size) continue;
    throw UsageError(fmt::format("segment: a frame is {} x {}, the sequence {} x {}", frame.cols,
                                 frame.rows, size.width, size.height));
  }
}

SceneModel scene_of(const SequenceInfo& sequence, const BackgroundOptions& options) {
  return model_scene(*prefetch(open_background(sequence, options)), options);
}

}  // namespace proxseg
