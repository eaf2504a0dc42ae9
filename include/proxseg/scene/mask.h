// From soft masks to clean binary masks.
#pragma once

#include <opencv2/core.hpp>

#include "proxseg/scene/options.h"

namespace proxseg {

// Threshold, median filter, removal of shadows, of small components, filling of small holes, in
// that order. soft: 32FC1. shadows: 8UC1 of the same size by ShadowDetector, or empty. Returns
// 8UC1, 0 or 255, of the same size. Throws UsageError for another type.
cv::Mat clean_mask(const cv::Mat& soft, const MaskOptions& options, const cv::Mat& shadows = {});

}  // namespace proxseg
