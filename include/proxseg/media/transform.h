// Channels and size of frames.
#pragma once

#include <cstdint>
#include <opencv2/core.hpp>
#include <vector>

#include "proxseg/media/source_options.h"

namespace proxseg {

// A grey or BGR image in 1 or 3 channels, by the luma of ITU-R BT.601; itself where it has them already.
cv::Mat with_channels(const cv::Mat& image, int channels);
inline cv::Mat to_gray(const cv::Mat& image) { return with_channels(image, 1); }

// image at size by area interpolation (as cv::INTER_AREA); the image itself where it has that size
// already.
cv::Mat resize_frame(const cv::Mat& image, cv::Size size);

// image at that width, its height in proportion, at least 1; itself where it is no wider.
cv::Mat at_most_so_wide(const cv::Mat& image, int width);

// size times factor, rounded, at least 1 x 1. Factor 0 stands for the automatic scale, at which frames of that size
// have at most so many pixels, in hundredths; 1 for smaller ones.
cv::Size scaled_size(cv::Size size, double factor, int64_t pixels = kAutomaticPixels);

// image at the automatic scale of its size.
cv::Mat at_automatic_scale(const cv::Mat& image);
std::vector<cv::Mat> at_automatic_scale(const std::vector<cv::Mat>& images);

// The largest value of each pixel over its channels: one channel of the same depth.
cv::Mat largest_over_channels(const cv::Mat& image);

}  // namespace proxseg
