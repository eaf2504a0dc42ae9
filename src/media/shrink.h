// Area interpolation of large frames.
#pragma once

#include <opencv2/core.hpp>

namespace proxseg {

// What cv::resize() gives with cv::INTER_AREA, but for the rounding of values that lie half-way; of
// 8 bits, size at most that of the image on either side. Three to ten times as fast: columns are
// added up before rows, which vectors can do.
cv::Mat shrink(const cv::Mat& image, cv::Size size);

}  // namespace proxseg
