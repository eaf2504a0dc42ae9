#include "proxseg/media/transform.h"

#include <algorithm>
#include <cmath>
#include <opencv2/imgproc.hpp>

namespace proxseg {

cv::Mat to_gray(const cv::Mat& image) {
  if (image.channels() == 1) return image;
  cv::Mat gray;
  cv::cvtColor(image, gray, cv::COLOR_BGR2GRAY);
  return gray;
}

cv::Size scaled_size(cv::Size size, double factor) {
  const auto side = [factor](int length) {
    return std::max(1, static_cast<int>(std::lround(length * factor)));
  };
  return {side(size.width), side(size.height)};
}

cv::Mat resize_frame(const cv::Mat& image, cv::Size size) {
  if (image.size() == size) return image;
  cv::Mat resized;
  cv::resize(image, resized, size, 0, 0, cv::INTER_AREA);
  return resized;
}

}  // namespace proxseg
