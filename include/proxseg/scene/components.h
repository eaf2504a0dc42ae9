// Connected components of binary masks, by runs of pixels.
#pragma once

#include <opencv2/core.hpp>

namespace proxseg {

// Sets 8-connected components of `value` that have fewer than min_area pixels to 255 - value. mask:
// 8UC1 of 0 and 255; value: one of the two.
void flip_small_components(cv::Mat& mask, uchar value, double min_area);

// Sets in mask all pixels of those 8-connected components that hold a pixel of marks. All three: 8UC1 of 0 and 255,
// of one size.
void add_marked_components(cv::Mat& mask, const cv::Mat& components, const cv::Mat& marks);

}  // namespace proxseg
