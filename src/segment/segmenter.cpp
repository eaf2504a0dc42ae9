#include "proxseg/segment/segmenter.h"

#include <fmt/format.h>

#include <algorithm>

#include "proxseg/core/error.h"
#include "proxseg/media/stream.h"
#include "proxseg/recipe/fields.h"
#include "proxseg/scene/reservoir.h"

namespace proxseg {
namespace {

std::vector<cv::Mat> images_of(const SequenceInfo& sequence, const BackgroundOptions& background,
                               const SourceOptions& size, int64_t every) {
  SourceOptions options;
  options.on_error = OnError::kSkip;
  options.every = every;
  options.scale = size.scale;
  options.pixels = size.pixels;
  return images_for_scene(*prefetch(open_ahead(sequence, options)), background);
}

// How far apart the frames are that images_for_scene() keeps of so many: the others need not even be
// read, or of a video not be converted.
int64_t spacing_in(const SequenceInfo& sequence, const BackgroundOptions& background) {
  if (sequence.kind == SequenceKind::kStream || background.method == BackgroundMethod::kFirst) {
    return 1;
  }
  const int64_t frames = open_ahead(sequence, {.on_error = OnError::kSkip})->info().frames;
  return FrameReservoir::spacing(frames, background.frames);
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

std::vector<cv::Mat> scene_images_of(const SequenceInfo& sequence, const BackgroundOptions& options,
                                     const SourceOptions& size) {
  const int64_t every = spacing_in(sequence, options);
  std::vector<cv::Mat> images = images_of(sequence, options, size, every);
  // A video may announce more frames than it has.
  const bool is_short = 2 * static_cast<int64_t>(images.size()) < options.frames;
  if (sequence.kind == SequenceKind::kVideo && every > 1 && is_short) {
    images = images_of(sequence, options, size, 1);
  }
  return images;
}

SceneModel scene_of(const SequenceInfo& sequence, const BackgroundOptions& options,
                    const SourceOptions& size) {
  return model_scene(scene_images_of(sequence, options, size), options);
}

}  // namespace proxseg
