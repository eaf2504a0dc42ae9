#include "proxseg/scene/background.h"

#include <fmt/format.h>

#include <algorithm>
#include <opencv2/core/utility.hpp>
#include <opencv2/imgcodecs.hpp>

#include "proxseg/core/error.h"
#include "proxseg/scene/reservoir.h"

namespace proxseg {
namespace {

cv::Mat load_background(const std::string& path, const SequenceInfo& info) {
  const cv::Mat image =
      cv::imread(path, info.channels == 1 ? cv::IMREAD_GRAYSCALE : cv::IMREAD_COLOR);
  if (image.empty()) {
    throw InputError(fmt::format("cannot read the background image '{}'", path),
                     "Set background.file to an image, or background.method to median.");
  }
  if (image.size() != info.size) {
    throw InputError(fmt::format("the background image '{}' is {} x {}, the frames are {} x {}",
                                 path, image.cols, image.rows, info.size.width, info.size.height),
                     "Use an image of the frames' size.");
  }
  return image;
}

std::vector<cv::Mat> collect_frames(FrameSource& source, const BackgroundOptions& options) {
  FrameReservoir reservoir(options.frames);
  for (int64_t count = 0; options.method != BackgroundMethod::kFirst || count < options.frames;
       ++count) {
    auto frame = source.next();
    if (!frame) break;
    reservoir.add(std::move(*frame));
  }
  std::vector<cv::Mat> images;
  for (const Frame& frame : reservoir.frames()) images.push_back(frame.image);
  if (images.empty()) {
    throw InputError(
        fmt::format("'{}' has no readable frame to make a background of", source.info().path));
  }
  return images;
}

}  // namespace

cv::Mat temporal_median(const std::vector<cv::Mat>& images) {
  if (images.empty()) throw UsageError("temporal_median: needs at least one image");
  for (const cv::Mat& image : images) {
    if (image.size() != images[0].size() || image.type() != images[0].type() ||
        image.depth() != CV_8U) {
      throw UsageError("temporal_median: images must be 8-bit and of one size and type");
    }
  }
  const size_t count = images.size();
  const int row_bytes = images[0].cols * images[0].channels();
  cv::Mat median(images[0].size(), images[0].type());
  cv::parallel_for_(cv::Range(0, median.rows), [&](const cv::Range& rows) {
    std::vector<uchar> values(count);
    for (int y = rows.start; y < rows.end; ++y) {
      std::vector<const uchar*> row(count);
      for (size_t i = 0; i < count; ++i) row[i] = images[i].ptr(y);
      uchar* out = median.ptr(y);
      for (int x = 0; x < row_bytes; ++x) {
        for (size_t i = 0; i < count; ++i) values[i] = row[i][x];
        const auto middle = values.begin() + static_cast<std::ptrdiff_t>(count / 2);
        std::nth_element(values.begin(), middle, values.end());
        out[x] = *middle;
      }
    }
  });
  return median;
}

cv::Mat reference_background(FrameSource& source, const BackgroundOptions& options) {
  if (options.method == BackgroundMethod::kFile) {
    return load_background(options.file, source.info());
  }
  return temporal_median(collect_frames(source, options));
}

}  // namespace proxseg
