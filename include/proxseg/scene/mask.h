// From soft masks to clean binary masks.
#pragma once

#include <opencv2/core.hpp>

#include "proxseg/scene/options.h"

namespace proxseg {

// part of the shorter side of the image in pixels, rounded down, made odd: 1 for 0.
int odd_side(double part, cv::Size image);

// The median filter of a binary mask, 8UC1 of 0 and 255: what most of the side x side pixels around
// are, the border repeated. side: odd, at least 1.
cv::Mat majority(const cv::Mat& mask, int side);

// Threshold, median filter, removal of shadows, of small components, filling of small holes, in
// that order. soft: 32FC1. shadows: 8UC1 of the same size by ShadowDetector, or empty. Returns
// 8UC1, 0 or 255, of the same size. Throws UsageError for another type.
cv::Mat clean_mask(const cv::Mat& soft, const MaskOptions& options, const cv::Mat& shadows = {});

// The clean mask at a larger size, its outlines where the soft mask, interpolated, crosses the
// threshold. mask: of clean_mask(soft). Returns 8UC1, 0 or 255; mask itself if it has that size.
cv::Mat enlarge_mask(const cv::Mat& mask, const cv::Mat& soft, double threshold, cv::Size size);

}  // namespace proxseg
