// Changes of light that meet the whole scene alike: automatic exposure, clouds, lamps.
#pragma once

#include <opencv2/core.hpp>
#include <vector>

namespace proxseg {

// g, the factor in [0.5, 2] by which the frame is brighter than the background where it shows it,
// so that its background is g B: over time a matrix of rank one still. It is the mode of D / B over
// pixels and channels, and objects do not move it even where they cover half of the image.
// 1 where no fifth of the image agrees on a factor. Both 8UC1 or 8UC3, of one size and type.
double exposure_gain(const cv::Mat& frame, const cv::Mat& background);

// Divides images of one size and type by their exposure_gain() over the reference, or over their
// common median if that is empty.
void level_exposures(std::vector<cv::Mat>& images, const cv::Mat& reference = {});

}  // namespace proxseg
