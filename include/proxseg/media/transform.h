// Grey conversion and size of frames.
#pragma once

#include <opencv2/core.hpp>

namespace proxseg {

// 8UC1 of an 8UC1 or 8UC3 BGR image (ITU-R BT.601 luma). A grey image is returned as it is.
cv::Mat to_gray(const cv::Mat& image);

// size times factor, rounded, at least 1 x 1.
cv::Size scaled_size(cv::Size size, double factor);

// image at size by area interpolation (cv::INTER_AREA); the image itself where it has that size
// already.
cv::Mat resize_frame(const cv::Mat& image, cv::Size size);

}  // namespace proxseg
