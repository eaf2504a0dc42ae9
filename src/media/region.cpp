#include "media/region.h"

#include <fmt/format.h>

#include <cmath>
#include <opencv2/imgproc.hpp>
#include <sstream>
#include <string>
#include <vector>

#include "proxseg/core/error.h"
#include "proxseg/media/image_file.h"
#include "proxseg/media/transform.h"

namespace proxseg {
namespace {

[[noreturn]] void refuse_region(const std::string& roi, const std::string& reason) {
  throw InputError(fmt::format("region of interest '{}': {}", roi, reason),
                   "Give a polygon in pixels of the input, such as --roi 10,10,300,10,300,200, or "
                   "an image of its size; --roi '' is the whole frame.");
}

bool is_polygon(const std::string& text) {
  return text.find(',') != std::string::npos &&
         text.find_first_not_of("0123456789.,+- ") == std::string::npos;
}

std::vector<cv::Point> parse_polygon(const std::string& text) {
  constexpr double kMost = 1 << 20;
  std::vector<double> numbers;
  std::istringstream list(text);
  for (std::string word; std::getline(list, word, ',');) {
    std::istringstream stream(word);
    double number = 0.0;
    if (!(stream >> number) || !(stream >> std::ws).eof() || std::abs(number) > kMost) {
      refuse_region(text, fmt::format("'{}' is not a coordinate", word));
    }
    numbers.push_back(number);
  }
  if (numbers.size() < 6 || numbers.size() % 2 != 0) {
    refuse_region(
        text, fmt::format("{} numbers are no polygon of three corners or more", numbers.size()));
  }
  std::vector<cv::Point> corners;
  for (size_t i = 0; i < numbers.size(); i += 2) {
    corners.emplace_back(cvRound(numbers[i]), cvRound(numbers[i + 1]));
  }
  return corners;
}

cv::Mat read_region(const std::string& text, cv::Size size) {
  cv::Mat region = cv::Mat::zeros(size, CV_8UC1);
  if (is_polygon(text)) {
    cv::fillPoly(region, std::vector{parse_polygon(text)}, cv::Scalar(255));
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

}  // namespace

cv::Mat region_of_interest(const SourceOptions& options, const cv::Mat& own, cv::Size stored,
                           cv::Size given) {
  cv::Mat region = own;
  if (!options.roi.empty()) {
    region = read_region(options.roi, stored);
    if (!own.empty()) cv::bitwise_and(region, own, region);
  }
  if (!region.empty() && region.size() != given) {
    cv::resize(region, region, given, 0, 0, cv::INTER_NEAREST);
  }
  return region;
}

}  // namespace proxseg
