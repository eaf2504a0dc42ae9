// Backgrounds that the user gives as an image.
#pragma once

#include <opencv2/core.hpp>
#include <string>

namespace proxseg {

// The image as a background of frames such as this one, in their channels, at that size. Throws InputError where
// it cannot be read, has more than 8 bits, is smaller than a frame, or not in proportion to it.
cv::Mat read_background(const std::string& path, const cv::Mat& frame, cv::Size size);

}  // namespace proxseg
