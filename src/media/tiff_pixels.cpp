#include "media/tiff_pixels.h"

#include <fmt/format.h>

#include <algorithm>
#include <bit>
#include <cstdint>
#include <opencv2/imgproc.hpp>

namespace proxseg {
namespace {

void swap_bytes(std::string& pixels, size_t bytes) {
  for (size_t at = 0; at + bytes <= pixels.size(); at += bytes) {
    std::reverse(pixels.begin() + static_cast<std::ptrdiff_t>(at),
                 pixels.begin() + static_cast<std::ptrdiff_t>(at + bytes));
  }
}

int depth_of(const PlainPage& page) {
  const bool is_unsigned = page.values == PlainPage::Values::kUnsigned;
  if (page.values == PlainPage::Values::kFloat) {
    return page.bits == 16 ? CV_16F : page.bits == 32 ? CV_32F : CV_64F;
  }
  if (page.bits == 8) return is_unsigned ? CV_8U : CV_8S;
  if (page.bits == 16) return is_unsigned ? CV_16U : CV_16S;
  return CV_32S;
}

// 32S that is unsigned: OpenCV has no such depth.
cv::Mat unsigned_in_floats(const cv::Mat& image) {
  cv::Mat result(image.size(), CV_32FC(image.channels()));
  const auto* from = reinterpret_cast<const uint32_t*>(image.data);
  std::transform(from, from + image.total() * static_cast<size_t>(image.channels()),
                 reinterpret_cast<float*>(result.data),
                 [](uint32_t value) { return static_cast<float>(value); });
  return result;
}

}  // namespace

cv::Mat decode_plain(const PlainPage& page, std::string pixels) {
  const bool is_of_here = page.is_little_endian == (std::endian::native == std::endian::little);
  if (!is_of_here) swap_bytes(pixels, static_cast<size_t>(page.bits) / 8);
  const cv::Mat stored(page.height, page.width, CV_MAKETYPE(depth_of(page), page.samples),
                       pixels.data());
  const bool is_unsigned = page.values == PlainPage::Values::kUnsigned;
  cv::Mat image = is_unsigned && page.bits == 32 ? unsigned_in_floats(stored)
                                                 : in_depth_of_frames(stored).clone();
  if (page.samples == 2) cv::extractChannel(image, image, 0);
  if (page.samples == 3) cv::cvtColor(image, image, cv::COLOR_RGB2BGR);
  if (page.is_inverted && image.depth() != CV_32F) cv::bitwise_not(image, image);
  return image;
}

cv::Mat in_depth_of_frames(const cv::Mat& image) {
  const int depth = image.depth();
  if (depth == CV_8U || depth == CV_16U || depth == CV_32F) return image;
  cv::Mat result;
  image.convertTo(result, CV_32F);
  return result;
}

std::string fault_of_bits(const cv::Mat& image, int bits, const std::string& values) {
  if (image.depth() != CV_8U || bits <= 8) return "";
  return fmt::format(
      "of its pixels ({}) only 8 bits could be read; save it uncompressed and without alpha",
      values);
}

}  // namespace proxseg
