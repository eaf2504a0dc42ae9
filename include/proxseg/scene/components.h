// Connected components of binary masks, by runs of pixels.
#pragma once

#include <opencv2/core.hpp>

namespace proxseg {

// Sets 8-connected components of `value` that have fewer than min_area pixels to 255 - value. mask:
// 8UC1 of 0 and 255; value: one of the two.
void flip_small_components(cv::Mat& mask, uchar value, double min_area);

}  // namespace proxseg
