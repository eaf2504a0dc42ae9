// Pictures of a page.
#pragma once

#include <opencv2/core.hpp>
#include <string>

namespace proxseg {

// A JPEG file of image, scaled down to width if it is wider. image: 8UC1 or 8UC3.
std::string jpeg_of(const cv::Mat& image, int width);

}  // namespace proxseg
