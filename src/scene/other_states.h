// What a state of a scene never shows, as another state of it does.
#pragma once

#include <opencv2/core.hpp>

namespace proxseg {

// The background without the objects that stand before it, for which the background of another state of
// the same place is brought into its look: by a linear map of the channels (colour to infrared) and a field of light.
// As it is where the two show different places. Both 8UC1 or 8UC3, of one size; the other one is right.
cv::Mat without_objects(const cv::Mat& background, const cv::Mat& other);

}  // namespace proxseg
