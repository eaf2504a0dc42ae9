#include "proxseg/media/transform.h"

#include <algorithm>
#include <cmath>
#include <opencv2/imgproc.hpp>
#include <vector>

#include "media/shrink.h"

namespace proxseg {
namespace {

double automatic_scale(cv::Size size, int64_t pixels) {
  const double scale = std::sqrt(static_cast<double>(pixels) / static_cast<double>(size.area()));
  return std::clamp(std::floor(100.0 * scale) / 100.0, 0.01, 1.0);
}

}  // namespace

cv::Mat with_channels(const cv::Mat& image, int channels) {
  if (image.channels() == channels) return image;
  cv::Mat converted;
  cv::cvtColor(image, converted, channels == 1 ? cv::COLOR_BGR2GRAY : cv::COLOR_GRAY2BGR);
  return converted;
}

cv::Mat resize_frame(const cv::Mat& image, cv::Size size) {
  if (image.size() == size) return image;
  const bool shrinks = size.width <= image.cols && size.height <= image.rows;
  // Whole factors have loops of their own in OpenCV.
  const bool is_whole = image.cols % size.width == 0 && image.rows % size.height == 0;
  const bool is_plain = image.type() == CV_8UC1 || image.type() == CV_8UC3;
  if (shrinks && !is_whole && is_plain) return shrink(image, size);
  cv::Mat resized;
  cv::resize(image, resized, size, 0, 0, cv::INTER_AREA);
  return resized;
}

cv::Mat at_most_so_wide(const cv::Mat& image, int width) {
  if (image.cols <= width) return image;
  const double height = static_cast<double>(image.rows) * width / image.cols;
  return resize_frame(image, {width, std::max(1, static_cast<int>(std::lround(height)))});
}

cv::Size scaled_size(cv::Size size, double factor, int64_t pixels) {
  const double scale = factor == 0.0 ? automatic_scale(size, pixels) : factor;
  const auto side = [scale](int length) {
    return std::max(1, static_cast<int>(std::lround(length * scale)));
  };
  return {side(size.width), side(size.height)};
}

cv::Mat at_automatic_scale(const cv::Mat& image) {
  return resize_frame(image, scaled_size(image.size(), 0.0));
}

std::vector<cv::Mat> at_automatic_scale(const std::vector<cv::Mat>& images) {
  std::vector<cv::Mat> small;
  for (const cv::Mat& image : images) small.push_back(at_automatic_scale(image));
  return small;
}

cv::Mat largest_over_channels(const cv::Mat& image) {
  std::vector<cv::Mat> channels;
  cv::split(image, channels);
  cv::Mat largest = channels[0];
  for (size_t c = 1; c < channels.size(); ++c) largest = cv::max(largest, channels[c]);
  return largest;
}

}  // namespace proxseg
