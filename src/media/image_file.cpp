#include "proxseg/media/image_file.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cctype>
#include <cstdint>
#include <opencv2/imgcodecs.hpp>
#include <string>
#include <string_view>

#include "media/image_format.h"
#include "media/opencv_log.h"
#include "proxseg/core/error.h"
#include "proxseg/core/file.h"

namespace proxseg {
namespace {

[[noreturn]] void refuse(const std::filesystem::path& path, std::string_view reason) {
  throw InputError("cannot read '" + path.string() + "': " + std::string(reason),
                   "Replace the file.");
}

cv::Mat decode(const std::filesystem::path& path, const std::string& bytes) {
  quiet_opencv();
  try {
    const cv::Mat buffer(1, static_cast<int>(bytes.size()), CV_8U, const_cast<char*>(bytes.data()));
    return cv::imdecode(buffer, cv::IMREAD_ANYCOLOR | cv::IMREAD_ANYDEPTH);
  } catch (const cv::Exception& error) {
    refuse(path, error.err);
  }
}

}  // namespace

bool has_image_extension(const std::filesystem::path& path) {
  static constexpr std::array<std::string_view, 9> kExtensions = {
      ".jpg", ".jpeg", ".png", ".bmp", ".tif", ".tiff", ".webp", ".ppm", ".pgm"};
  std::string extension = path.extension().string();
  std::transform(extension.begin(), extension.end(), extension.begin(),
                 [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
  return std::find(kExtensions.begin(), kExtensions.end(), extension) != kExtensions.end();
}

StoredImage read_stored_image(const std::filesystem::path& path) {
  const std::string bytes = read_file(path);
  const std::string fault = fault_of_image(bytes);
  if (!fault.empty()) refuse(path, fault);
  if (const int64_t pages = pages_of_image(bytes); pages > 1) {
    throw InputError(
        fmt::format("cannot read '{}': it holds {} pages or frames, and an image is one frame",
                    path.string(), pages),
        "Split it into a folder of images, for example with ImageMagick: convert FILE "
        "frames/%06d.png.");
  }
  StoredImage stored;
  stored.image = decode(path, bytes);
  cv::Mat& image = stored.image;
  if (image.empty()) refuse(path, "broken, or not an image of a known format");
  if (is_gray_with_alpha(bytes) && image.channels() > 1) cv::extractChannel(image, image, 0);
  if (image.depth() == CV_16U) {
    double smallest = 0.0, largest = 0.0;
    cv::minMaxLoc(image.reshape(1), &smallest, &largest);
    stored.values_of_16_bits = {static_cast<int>(smallest), static_cast<int>(largest)};
    image.convertTo(image, CV_8U, 1.0 / 257.0);
  }
  if (image.depth() != CV_8U || (image.channels() != 1 && image.channels() != 3)) {
    refuse(path, "its pixels are neither 8-bit nor 16-bit, grey or colour");
  }
  return stored;
}

cv::Mat read_image(const std::filesystem::path& path) { return read_stored_image(path).image; }

}  // namespace proxseg
