// Channels and size of frames.
#pragma once

#include <cstdint>
#include <opencv2/core.hpp>
#include <vector>

#include "proxseg/media/source_options.h"

namespace proxseg {

// 8UC1 of an 8UC1 or 8UC3 BGR image (ITU-R BT.601 luma). A grey image is returned as it is.
cv::Mat to_gray(const cv::Mat& image);

// image at size by area interpolation (as cv::INTER_AREA); the image itself where it has that size
// already.
cv::Mat resize_frame(const cv::Mat& image, cv::Size size);

// image at that width, its height in proportion, at least 1.
cv::Mat resize_to_width(const cv::Mat& image, int width);

// The scale at which frames of that size have at most so many pixels, in hundredths; 1 for smaller
// ones.
double automatic_scale(cv::Size size, int64_t pixels = kAutomaticPixels);

// size times factor, rounded, at least 1 x 1; factor 0 stands for automatic_scale(size, pixels).
cv::Size scaled_size(cv::Size size, double factor, int64_t pixels = kAutomaticPixels);

// image at automatic_scale() of its size.
cv::Mat at_automatic_scale(const cv::Mat& image);
std::vector<cv::Mat> at_automatic_scale(const std::vector<cv::Mat>& images);

// The largest value of each pixel over its channels: one channel of the same depth.
cv::Mat largest_over_channels(const cv::Mat& image);

}  // namespace proxseg
