#include "workflow/report/picture.h"

#include <opencv2/imgcodecs.hpp>
#include <vector>

#include "proxseg/media/transform.h"

namespace proxseg {

std::string jpeg_of(const cv::Mat& image, int width) {
  constexpr int kQuality = 85;
  cv::Mat shown = image;
  if (image.cols > width) {
    shown = resize_frame(image, scaled_size(image.size(), 1.0 * width / image.cols));
  }
  std::vector<uchar> bytes;
  cv::imencode(".jpg", shown, bytes, {cv::IMWRITE_JPEG_QUALITY, kQuality});
  return {bytes.begin(), bytes.end()};
}

}  // namespace proxseg
