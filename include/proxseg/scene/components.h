// Connected components of binary masks, by runs of pixels.
#pragma once

#include <opencv2/core.hpp>

namespace proxseg {

// Sets 8-connected components of `value` of fewer pixels than min_area to 255 - value. mask: 8UC1,
// 0 or 255; value: one of them.
void flip_small_components(cv::Mat& mask, uchar value, double min_area);

}  // namespace proxseg
