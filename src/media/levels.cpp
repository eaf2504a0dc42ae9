#include "proxseg/media/levels.h"

#include <fmt/format.h>
#include <spdlog/spdlog.h>

#include <algorithm>
#include <cmath>
#include <utility>
#include <vector>

#include "media/location.h"
#include "proxseg/core/error.h"
#include "proxseg/core/text.h"
#include "proxseg/media/image_file.h"

namespace proxseg {
namespace {

// Appends some of the finite values of image, spread over it.
void sample(const cv::Mat& image, std::vector<float>& values) {
  constexpr size_t kMost = 100000;
  cv::Mat floats;
  image.reshape(1).convertTo(floats, CV_32F);
  // Odd, so that columns are not always the same.
  const size_t step = floats.total() / kMost | 1;
  const auto all = floats.begin<float>();
  for (size_t i = 0; i < floats.total(); i += step) {
    const float value = *(all + static_cast<std::ptrdiff_t>(i));
    if (std::isfinite(value)) values.push_back(value);
  }
}

// Of what is outside at one end of n values.
size_t outliers(size_t n) { return n / 10000; }

Levels levels_of(std::vector<float>& values) {
  std::ranges::sort(values);
  const size_t out = outliers(values.size());
  const double low = values[out], high = values[values.size() - 1 - out];
  const double margin = (high - low) / 8.0;
  const Levels levels = {std::max<double>(values.front(), low - margin),
                         std::min<double>(values.back(), high + margin)};
  return levels.low < levels.high ? levels : Levels{levels.low, levels.low + 1.0};
}

// Than 8, as decoded; by its name, so that no frame is opened for it.
bool may_have_more_bits(const Location& location) {
  return location.kind != SequenceKind::kVideo &&
         has_extension(location.files.front(), {".png", ".tif", ".tiff", ".ppm", ".pgm"});
}

// The part of image whose values are below or above the levels, in [0, 1].
double part_outside(const cv::Mat& image, const Levels& levels) {
  const cv::Mat values = image.reshape(1);
  const int outside = cv::countNonZero((values < levels.low) | (values > levels.high));
  return static_cast<double>(outside) / static_cast<double>(values.total());
}

class FramesIn8Bits final : public FrameView {
 public:
  FramesIn8Bits(std::unique_ptr<FrameSource> source, const Levels& levels)
      : FrameView(std::move(source)) {
    info_.levels = levels;
    info_.depth = CV_8U;
  }

  void decode(Frame& frame) override {
    source_->decode(frame);
    if (frame.image.depth() == CV_8U) {
      throw InputError(fmt::format("frame '{}' of '{}' has 8 bits, but the first one more",
                                   frame.label(), info_.path),
                       "All frames of a sequence must have pixels of one kind.");
    }
    if (!std::exchange(is_checked_, true)) check(frame.image);
    frame.image = to_8_bits(frame.image, *info_.levels);
  }

 private:
  void check(const cv::Mat& image) const {
    constexpr double kMost = 0.5;
    const double part = part_outside(image, *info_.levels);
    if (part <= kMost) return;
    spdlog::warn(
        "'{}': {:.0f} % of the first frame lies outside of input.levels = {} and is black or white; "
        "--set input.levels= chooses others for it",
        info_.path, 100.0 * part, to_string(*info_.levels));
  }

  bool is_checked_ = false;
};

}  // namespace

std::string to_string(const Levels& levels) {
  return fmt::format("{}:{}", levels.low, levels.high);
}

std::optional<Levels> parse_levels(const std::string& text) {
  const size_t middle = text.find(':');
  if (middle == std::string::npos) return std::nullopt;
  const auto low = parse_number<double>(text.substr(0, middle));
  const auto high = parse_number<double>(text.substr(middle + 1));
  if (!low || !high || !(*low < *high)) return std::nullopt;
  return Levels{*low, *high};
}

Levels choose_levels(FrameSource& frames) {
  constexpr int64_t kMost = 50;
  const int64_t every = std::max<int64_t>(1, frames.info().frames / kMost);
  std::vector<float> values;
  std::string reason = "it holds none";
  for (int64_t i = 0; auto frame = frames.grab(); ++i) {
    if (i % every != 0) continue;
    try {
      frames.decode(*frame);
      sample(frame->image, values);
      if (values.empty()) reason = "none of its values is a number";
    } catch (const InputError& error) {  // reported where the frames are read in turn
      reason = error.what();
    }
  }
  if (values.empty()) {
    throw InputError(fmt::format("no frame of '{}' can be read: {}", frames.info().path, reason));
  }
  return levels_of(values);
}

std::optional<Levels> choose_levels(const std::vector<std::string>& paths,
                                    const SourceOptions& options) {
  std::optional<Levels> all;
  for (const std::string& path : paths) {
    if (!may_have_more_bits(locate(path))) continue;
    const auto source = open_source(
        path, {.every = options.every, .range = options.range, .on_error = options.on_error});
    const auto& levels = source->info().levels;
    if (!levels) continue;
    if (!all) all = levels;
    all = Levels{std::min(all->low, levels->low), std::max(all->high, levels->high)};
  }
  return all;
}

cv::Mat to_8_bits(const cv::Mat& image, const Levels& levels) {
  const double scale = 255.0 / (levels.high - levels.low);
  cv::Mat source = image;
  if (image.depth() == CV_32F) cv::patchNaNs(source = image.clone(), levels.low);
  cv::Mat result;
  source.convertTo(result, CV_8U, scale, -levels.low * scale);
  return result;
}

std::unique_ptr<FrameSource> in_8_bits(std::unique_ptr<FrameSource> source, const Levels& levels) {
  return std::make_unique<FramesIn8Bits>(std::move(source), levels);
}

}  // namespace proxseg
