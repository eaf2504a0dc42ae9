// Changes of light that affect the whole scene alike: automatic exposure, clouds, lamps.
#pragma once

#include <opencv2/core.hpp>
#include <vector>

namespace proxseg {

// The factor g in [0.5, 2] by which the frame D is brighter than the background B where it shows
// the background. The frame's background is then g B, and over time a matrix of rank one. g is the
// mode of D / B over pixels and channels, which objects do not affect even if they cover half of
// the image. 1 if no fifth of the image agrees on a factor. Both 8UC1 or 8UC3, of one size and
// type.
double exposure_gain(const cv::Mat& frame, const cv::Mat& background);

// Divides each image by its exposure_gain() over the reference, or over the median of the images if
// that is empty. All of one size and type.
void level_exposures(std::vector<cv::Mat>& images, const cv::Mat& reference = {});

}  // namespace proxseg
