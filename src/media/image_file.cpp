#include "proxseg/media/image_file.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cctype>
#include <cstdint>
#include <initializer_list>
#include <opencv2/imgcodecs.hpp>
#include <string>
#include <string_view>
#include <vector>

#include "media/image_header.h"
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

bool has_extension(const std::filesystem::path& path,
                   std::initializer_list<std::string_view> extensions) {
  std::string extension = path.extension().string();
  std::transform(extension.begin(), extension.end(), extension.begin(),
                 [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
  return std::find(extensions.begin(), extensions.end(), extension) != extensions.end();
}

bool has_image_extension(const std::filesystem::path& path) {
  return has_extension(path,
                       {".jpg", ".jpeg", ".png", ".bmp", ".tif", ".tiff", ".webp", ".ppm", ".pgm"});
}

bool has_video_extension(const std::filesystem::path& path) {
  return has_extension(
      path, {".3gp",  ".apng", ".asf", ".avi",   ".dv",   ".flv",  ".gif", ".h264", ".h265",
             ".hevc", ".m2ts", ".m4v", ".mjpeg", ".mjpg", ".mkv",  ".mov", ".mp4",  ".mpeg",
             ".mpg",  ".mts",  ".mxf", ".ogv",   ".ts",   ".webm", ".wmv", ".y4m"});
}

cv::Mat read_stored_image(const std::filesystem::path& path) {
  const std::string bytes = read_file(path);
  const std::string fault = fault_of_image(bytes);
  if (!fault.empty()) refuse(path, fault);
  if (const int64_t pages = pages_of_image(bytes); pages > 1) {
    throw InputError(
        fmt::format("cannot read '{}': it holds {} pages or frames, and an image is one frame",
                    path.string(), pages),
        "Give it as an input of its own, or split it into a folder of images.");
  }
  cv::Mat image = decode(path, bytes);
  if (image.empty()) refuse(path, "broken, or not an image of a known format");
  if (is_gray_with_alpha(bytes) && image.channels() > 1) cv::extractChannel(image, image, 0);
  if (const std::string fault_of_pixels = fault_of_frame(image); !fault_of_pixels.empty()) {
    refuse(path, fault_of_pixels);
  }
  return image;
}

cv::Mat read_image(const std::filesystem::path& path) {
  cv::Mat image = read_stored_image(path);
  if (image.depth() == CV_16U) image.convertTo(image, CV_8U, 1.0 / 257.0);
  if (image.depth() != CV_8U) refuse(path, "its pixels are neither of 8 nor of 16 bits");
  return image;
}

std::string fault_of_frame(const cv::Mat& image) {
  const int depth = image.depth(), channels = image.channels();
  const bool is_known = depth == CV_8U || depth == CV_16U || depth == CV_32F;
  if (is_known && (channels == 1 || channels == 3)) return "";
  return "its pixels are neither of 8 or 16 bits nor floats, grey or colour";
}

}  // namespace proxseg
