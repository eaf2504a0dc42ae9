// From soft masks to clean binary masks.
#pragma once

#include <opencv2/core.hpp>

#include "proxseg/scene/options.h"

namespace proxseg {

// A part of the image's shorter side in pixels, rounded down and then up to an odd number: 1 for 0.
int odd_side(double part, cv::Size image);

// The median filter of a binary mask, 8UC1 of 0 and 255: the value of most of the side x side
// pixels around each, with the border repeated. side: odd, at least 1.
cv::Mat majority(const cv::Mat& mask, int side);

// What of a soft mask M, 32FC1, is object:
//   M > threshold, and all of M > weak that is connected (8) with M > max(threshold, 0.95).
// Returns 8UC1, 0 or 255, of the same size. Throws UsageError for another type.
cv::Mat find_objects(const cv::Mat& soft, const MaskOptions& options);

// Applies the median filter, removes shadows and small components and fills small holes, in this order. mask: by
// find_objects(). shadows: 8UC1 of the same size by ShadowDetector, or empty. frame: what the
// options' parts of the image are parts of, if that is not the mask. Returns 8UC1, 0 or 255, of the same size.
cv::Mat clean_mask(cv::Mat mask, const MaskOptions& options, const cv::Mat& shadows = {},
                   cv::Size frame = {});

// The clean mask at a larger size; its outlines lie where the interpolated soft mask crosses the threshold, and around
// weak pixels half way to their neighbours. mask: by clean_mask(). Returns 8UC1, 0 or 255; mask itself if it has that
// size.
cv::Mat enlarge_mask(const cv::Mat& mask, const cv::Mat& soft, double threshold, cv::Size size);

}  // namespace proxseg
