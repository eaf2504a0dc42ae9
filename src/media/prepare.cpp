// Channels, size and region of interest of frames.
#include <fmt/format.h>

#include <cmath>
#include <opencv2/imgproc.hpp>
#include <utility>

#include "media/stored.h"
#include "media/warn_once.h"
#include "proxseg/core/error.h"
#include "proxseg/core/text.h"
#include "proxseg/media/image_file.h"
#include "proxseg/media/transform.h"

namespace proxseg {
bool is_polygon(const std::string& roi) {
  return roi.find(',') != std::string::npos &&
         roi.find_first_not_of("0123456789.,- ") == std::string::npos;
}

namespace {

[[noreturn]] void refuse_region(const std::string& roi, const std::string& reason) {
  throw InputError(fmt::format("region of interest '{}': {}", roi, reason),
                   "Give a polygon in pixels of the input, such as --roi 10,10,300,10,300,200, or "
                   "an image of its size; --roi '' is the whole frame.");
}

std::vector<cv::Point> parse_polygon(const std::string& text) {
  constexpr double kMost = 1 << 20;
  std::vector<double> numbers;
  for (const std::string& part : split(text, ',')) {
    const auto number = parse_number<double>(part);
    if (!number || std::abs(*number) > kMost) {
      refuse_region(text, fmt::format("'{}' is not a coordinate", part));
    }
    numbers.push_back(*number);
  }
  if (numbers.size() < 6 || numbers.size() % 2 != 0) {
    refuse_region(
        text, fmt::format("{} numbers are no polygon of three corners or more", numbers.size()));
  }
  std::vector<cv::Point> corners;
  for (size_t i = 0; i < numbers.size(); i += 2) {
    corners.emplace_back(cvRound(numbers[i]), cvRound(numbers[i + 1]));
  }
  if (cv::contourArea(corners) == 0.0) refuse_region(text, "the polygon has no area");
  return corners;
}

cv::Mat read_region(const std::string& text, cv::Size size) {
  cv::Mat region = cv::Mat::zeros(size, CV_8UC1);
  if (is_polygon(text)) {
    const auto corners = parse_polygon(text);
    const cv::Rect box = cv::boundingRect(corners);
    if (box.x < 0 || box.y < 0 || box.br().x > size.width + 1 || box.br().y > size.height + 1) {
      warn_once(fmt::format(
          "region of interest '{}': the polygon reaches outside of the frame, which is {} x {}",
          text, size.width, size.height));
    }
    cv::fillPoly(region, std::vector{corners}, cv::Scalar(255));
  } else {
    region = to_gray(proxseg::read_image(text)) > 127;
    if (region.size() != size) {
      refuse_region(text, fmt::format("it is {} x {}, the frames are {} x {}", region.cols,
                                      region.rows, size.width, size.height));
    }
  }
  if (cv::countNonZero(region) == 0) refuse_region(text, "no pixel of the frame is inside");
  return region;
}

// 8UC1, 0 outside and 255 inside, of size given: what lies in both roi, as SourceOptions has it, and
// own, the region that the sequence itself has, of size stored; empty if there is neither. stored:
// size of the frames before they are scaled. Throws InputError: no polygon and no such image, an
// image of another size, nothing inside.
cv::Mat region_of_interest(const std::string& roi, const cv::Mat& own, cv::Size stored,
                           cv::Size given) {
  cv::Mat region = own;
  if (!roi.empty()) {
    region = read_region(roi, stored);
    if (!own.empty()) cv::bitwise_and(region, own, region);
  }
  if (!region.empty() && region.size() != given) {
    cv::resize(region, region, given, 0, 0, cv::INTER_NEAREST);
  }
  return region;
}

class PreparedFrames final : public FrameView {
 public:
  PreparedFrames(std::unique_ptr<FrameSource> source, const SourceOptions& options)
      : FrameView(std::move(source)), is_gray_(options.gray), stored_size_(info_.size) {
    info_.image_size = scaled_size(stored_size_, options.scale, options.pixels);
    if (!options.images_only) info_.size = info_.image_size;
    if (is_gray_) info_.channels = 1;
    info_.roi = region_of_interest(options.roi, info_.roi, stored_size_, info_.size);
  }

  void decode(Frame& frame) override {
    source_->decode(frame);
    const cv::Mat image = is_gray_ ? to_gray(frame.image) : frame.image;
    if (frame.size() != stored_size_ || image.channels() != info_.channels ||
        image.depth() != CV_8U) {
      throw InputError(
          fmt::format("frame '{}' of '{}' is {}, but the first one is {}", frame.label(),
                      info_.path, shape_text(frame.size(), image.channels(), image.depth()),
                      shape_text(stored_size_, info_.channels)),
          "All frames of a sequence must have one size, one number of channels and one kind of pixels.");
    }
    frame.image = resize_frame(image, info_.image_size);
    frame.full_size = info_.size;
  }

 private:
  bool is_gray_;
  cv::Size stored_size_;
};

}  // namespace

std::string shape_text(cv::Size size, int channels, int depth) {
  const char* bits = depth == CV_8U ? "" : (depth == CV_16U ? ", 16 bits" : ", floats");
  return fmt::format("{} x {}, {}{}", size.width, size.height, channels == 1 ? "grey" : "colour",
                     bits);
}

std::unique_ptr<FrameSource> prepare(std::unique_ptr<FrameSource> source,
                                     const SourceOptions& options) {
  check_source_options(options);
  return std::make_unique<PreparedFrames>(std::move(source), options);
}

}  // namespace proxseg
