// Statistics over time: what a scene looks like without its objects, and how much that varies.
#pragma once

#include <opencv2/core.hpp>
#include <vector>

namespace proxseg {

// Median of each pixel and channel (the upper one of an even number). images: at least one, 8UC1 or
// 8UC3, all of one size. Throws UsageError otherwise.
cv::Mat temporal_median(const std::vector<cv::Mat>& images);

// The same over those images whose mask is 0 at the pixel; over all images where fewer than three,
// or fewer than a twentieth, are left. covered: an 8UC1 mask for each image, all of one size, which
// need not be the images'.
cv::Mat temporal_median(const std::vector<cv::Mat>& images, const std::vector<cv::Mat>& covered);

// How far the images are from their background: 32FC1 in [0, 1]. The 0.9-quantile over time of the
// root mean square over channels of image - background, over those images whose mask is 0 at the
// pixel (0 where too few are left), smoothed.
cv::Mat temporal_noise(const std::vector<cv::Mat>& images, const std::vector<cv::Mat>& covered,
                       const cv::Mat& background);

}  // namespace proxseg
