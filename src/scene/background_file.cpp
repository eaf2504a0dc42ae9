#include "scene/background_file.h"

#include <fmt/format.h>

#include <cmath>
#include <opencv2/imgproc.hpp>

#include "proxseg/core/error.h"
#include "proxseg/media/image_file.h"
#include "proxseg/media/transform.h"

namespace proxseg {
namespace {

// Whether the image has the frame's size, or would have it, to within a pixel, if it were shrunk.
bool fits(cv::Size image, cv::Size frame) {
  const double width = static_cast<double>(image.width) * frame.height / image.height;
  return image == frame || (image.height > frame.height && std::abs(width - frame.width) <= 1.0);
}

}  // namespace

cv::Mat read_background(const std::string& path, const cv::Mat& frame, cv::Size size) {
  cv::Mat image;
  try {
    image = read_stored_image(path);
  } catch (const InputError& error) {
    throw InputError(fmt::format("background.file: {}", error.what()),
                     "Set background.file to an image, or background.method to median.");
  }
  if (image.depth() != CV_8U) {
    throw InputError(fmt::format("the background image '{}' has more than 8 bits", path),
                     "Use one of 8 bits, such as --save background-image writes: it has the levels "
                     "of its sequence.");
  }
  image = with_channels(image, frame.channels());
  if (!fits(image.size(), frame.size())) {
    throw InputError(fmt::format("the background image '{}' is {} x {}, the frames are {} x {}",
                                 path, image.cols, image.rows, frame.cols, frame.rows),
                     "Use an image of the frames' size.");
  }
  if (image.total() >= static_cast<size_t>(size.area())) return resize_frame(image, size);
  cv::resize(image, image, size);
  return image;
}

}  // namespace proxseg
