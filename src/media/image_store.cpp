#include "proxseg/media/image_store.h"

#include <fmt/format.h>

#include <opencv2/imgcodecs.hpp>
#include <stdexcept>
#include <string_view>
#include <system_error>
#include <utility>
#include <vector>

#include "media/opencv_log.h"
#include "proxseg/core/error.h"
#include "proxseg/core/file.h"
#include "proxseg/core/sha256.h"
#include "proxseg/media/sink.h"

namespace proxseg {
namespace fs = std::filesystem;
namespace {

constexpr size_t kDigits = 32;
constexpr std::string_view kExtension = ".png", kFloats = ".float.png";

bool is_store_name(const std::string& name) {
  const size_t end = name.find_first_not_of("0123456789abcdef");
  if (end != kDigits) return false;
  const std::string rest = name.substr(end);
  return rest == kExtension || rest == kFloats;
}

std::string name_of_pixels(const cv::Mat& image) {
  Sha256 hash;
  hash.add(fmt::format("{} {} {}\n", image.cols, image.rows, image.type()));
  for (int y = 0; y < image.rows; ++y) {
    hash.add({image.ptr<char>(y), static_cast<size_t>(image.cols) * image.elemSize()});
  }
  return hash.hex().substr(0, kDigits) +
         std::string(image.depth() == CV_32F ? kFloats : kExtension);
}

// PNG has no floats: their four bytes, as they are.
cv::Mat bytes_of_floats(const cv::Mat& image) {
  const cv::Mat whole = image.isContinuous() ? image : image.clone();
  return cv::Mat(whole.rows, whole.cols, CV_8UC4, whole.data).clone();
}

cv::Mat floats_of_bytes(const cv::Mat& bytes) {
  return cv::Mat(bytes.rows, bytes.cols, CV_32FC1, bytes.data).clone();
}

}  // namespace

ImageStore::ImageStore(fs::path folder) : folder_(std::move(folder)) {}

std::string ImageStore::put(const cv::Mat& image) {
  const int type = image.type();
  if (image.empty() ||
      (type != CV_8UC1 && type != CV_8UC3 && type != CV_16UC1 && type != CV_32FC1)) {
    throw std::invalid_argument(fmt::format("ImageStore: an image of type {}", type));
  }
  std::string name = name_of_pixels(image);
  if (!is_there(folder_ / name)) {
    const std::vector<int> quickly = {cv::IMWRITE_PNG_COMPRESSION, 1};
    write_image(folder_ / name, type == CV_32FC1 ? bytes_of_floats(image) : image, quickly);
  }
  put_.insert(name);
  return name;
}

cv::Mat ImageStore::get(const std::string& name) const {
  const auto refuse = [&](const std::string& reason) -> InputError {
    return InputError(fmt::format("cannot read '{}': {}", (folder_ / name).string(), reason));
  };
  if (!is_store_name(name)) throw InputError("an image has a name that is not by its pixels");
  const std::string bytes = read_file(folder_ / name);
  quiet_opencv();
  cv::Mat image;
  try {
    const std::vector<char> buffer(bytes.begin(), bytes.end());
    image = cv::imdecode(buffer, cv::IMREAD_UNCHANGED);
  } catch (const cv::Exception&) {
  }
  if (image.empty()) throw refuse("it is no image, or cut short");
  if (name.ends_with(kFloats)) {
    if (image.type() != CV_8UC4) throw refuse("it holds no floats");
    image = floats_of_bytes(image);
  }
  if (name_of_pixels(image) != name) throw refuse("its pixels are not those of its name");
  return image;
}

void ImageStore::remove_others() {
  std::error_code ignored;
  for (const std::string& name : names_if_any(folder_)) {
    if (is_store_name(name) && !put_.contains(name)) fs::remove(folder_ / name, ignored);
  }
  put_.clear();
}

}  // namespace proxseg
