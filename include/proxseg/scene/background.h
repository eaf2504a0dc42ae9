// Statistics over time: what a scene looks like without its objects, and how much that varies.
#pragma once

#include <opencv2/core.hpp>
#include <vector>

namespace proxseg {

// Per-pixel, per-channel median (the upper one of an even number). images: at least one, 8UC1 or
// 8UC3, all of one size. Throws UsageError otherwise.
cv::Mat temporal_median(const std::vector<cv::Mat>& images);

// The same over the images whose mask is 0 at the pixel; over all where those are too few: less
// than three, or than a twentieth. covered: for each image an 8UC1 mask of any one size, stretched
// over it.
cv::Mat temporal_median(const std::vector<cv::Mat>& images, const std::vector<cv::Mat>& covered);

// How far the images are from their background: 32FC1 in [0, 1], the 0.9-quantile over time of the
// root mean square over channels of image - background, over the images whose mask is 0 there (0
// where those are too few), smoothed.
cv::Mat temporal_noise(const std::vector<cv::Mat>& images, const std::vector<cv::Mat>& covered,
                       const cv::Mat& background);

}  // namespace proxseg
