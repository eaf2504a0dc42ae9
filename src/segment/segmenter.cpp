#include "proxseg/segment/segmenter.h"

#include <fmt/format.h>
#include <spdlog/spdlog.h>

#include <algorithm>
#include <cmath>

#include "proxseg/core/error.h"
#include "proxseg/media/stream.h"
#include "proxseg/recipe/fields.h"
#include "proxseg/scene/reservoir.h"

namespace proxseg {
namespace {

// How far apart the frames are that images_for_scene() keeps of so many: the others need not even be
// read, or of a video not be converted.
int64_t spacing_in(const SequenceInfo& sequence, const BackgroundOptions& background) {
  if (sequence.kind == SequenceKind::kStream || background.method == BackgroundMethod::kFirst) {
    return 1;
  }
  const int64_t frames = open_ahead(sequence, {.on_error = OnError::kSkipSilently})->info().frames;
  return FrameReservoir::spacing(frames, background.frames);
}

// How far apart those of the key frames are that are kept, where there are as many as are kept of so many
// frames; else 0.
int64_t spacing_of_key_frames(const SequenceInfo& sequence, const BackgroundOptions& background) {
  if (background.method == BackgroundMethod::kFirst) return 0;
  const int64_t keys = count_key_frames(sequence);
  return 2 * keys < background.frames ? 0 : FrameReservoir::spacing(keys, background.frames);
}

// Nothing where they can't be shown without other frames.
std::vector<cv::Mat> key_images_of(const SequenceInfo& sequence,
                                   const BackgroundOptions& background, SourceOptions options,
                                   const SourceOptions& shown) {
  options.every = spacing_of_key_frames(sequence, background);
  options.on_error = OnError::kRefuse;
  if (options.every == 0) return {};
  try {
    const auto source = prefetch(prepare(open_key_frames(sequence, options), shown));
    std::vector<cv::Mat> images;
    while (auto frame = source->next()) images.push_back(std::move(frame->image));
    return images;
  } catch (const InputError& error) {
    spdlog::debug("'{}': its key frames are not used: {}", sequence.path, error.what());
    return {};
  }
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

std::vector<Span> parts_of(const SequenceInfo& recording, const BackgroundOptions& options) {
  const bool is_of_all =
      options.method == BackgroundMethod::kSettled || options.method == BackgroundMethod::kMedian;
  if (recording.kind == SequenceKind::kStream || options.period <= 0.0 || !is_of_all) {
    return {Span()};
  }
  const double seconds = recording.seconds > 0.0
                             ? recording.seconds
                             : static_cast<double>(recording.frames) / recording.rate();
  // Of fewer frames than kLeast of those that a background is to be learned of it would know little.
  constexpr double kLeast = 0.25;
  const double most =
      static_cast<double>(recording.frames) / (kLeast * static_cast<double>(options.frames));
  const auto count = static_cast<int64_t>(
      std::max(1.0, std::min(std::round(seconds / options.period), std::floor(most))));
  std::vector<Span> parts;
  for (int64_t i = 0; i < count; ++i) {
    const auto at = [&](int64_t part) {
      return seconds * static_cast<double>(part) / static_cast<double>(count);
    };
    parts.push_back({at(i), at(i + 1)});
  }
  parts.back().end = Span().end;  // a container may announce less than it has
  return parts;
}

bool learns_from_key_frames(const SequenceInfo& sequence, const BackgroundOptions& background) {
  return spacing_of_key_frames(sequence, background) > 0;
}

std::vector<cv::Mat> scene_images_of(const SequenceInfo& sequence,
                                     const BackgroundOptions& background,
                                     const SourceOptions& size) {
  SourceOptions options;
  options.on_error = OnError::kSkipSilently;
  options.images_only = true;
  const SourceOptions shown = {.scale = size.scale, .pixels = size.pixels};
  const bool are_reduced = sequence.image_size != sequence.size && !sequence.image_size.empty();
  if (are_reduced) {
    options.scale = size.scale;
    options.pixels = size.pixels;
  }
  const auto are_enough = [&](const std::vector<cv::Mat>& images) {
    return 2 * static_cast<int64_t>(images.size()) >= background.frames;
  };
  std::vector<cv::Mat> images = key_images_of(sequence, background, options, shown);
  if (are_enough(images)) return images;
  const auto read = [&](int64_t every) {
    options.every = every;
    return images_for_scene(*prefetch(prepare(open_ahead(sequence, options), shown)), background);
  };
  const int64_t every = spacing_in(sequence, background);
  images = read(every);
  // A video may announce more frames than it has.
  const bool is_short = sequence.kind == SequenceKind::kVideo && every > 1 && !are_enough(images);
  if (is_short) images = read(1);
  const bool says_little = 4 * static_cast<int64_t>(images.size()) < background.frames;
  if (!sequence.part || !says_little) return images;
  SequenceInfo whole = sequence;
  whole.part.reset();
  return scene_images_of(whole, background, size);
}

SceneModel scene_of(const SequenceInfo& sequence, const BackgroundOptions& options,
                    const SourceOptions& size) {
  return model_scene(scene_images_of(sequence, options, size), options);
}

}  // namespace proxseg
