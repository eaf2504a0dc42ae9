// Channels and size of frames.
#pragma once

#include <opencv2/core.hpp>

namespace proxseg {

// 8UC1 of an 8UC1 or 8UC3 BGR image (ITU-R BT.601 luma). A grey image is returned as it is.
cv::Mat to_gray(const cv::Mat& image);

// image at size by area interpolation (cv::INTER_AREA); the image itself where it has that size
// already.
cv::Mat resize_frame(const cv::Mat& image, cv::Size size);

// The scale at which frames of that size have at most 100,000 pixels, in hundredths; 1 for smaller
// ones. Objects can be told at that size, and work takes minutes whatever the camera.
double automatic_scale(cv::Size size);

// size times factor, rounded, at least 1 x 1; factor 0 stands for automatic_scale(size).
cv::Size scaled_size(cv::Size size, double factor);

// image at automatic_scale() of its size.
cv::Mat at_automatic_scale(const cv::Mat& image);

// The largest value of each pixel over its channels: one channel of the same depth.
cv::Mat largest_over_channels(const cv::Mat& image);

}  // namespace proxseg
