// What the background of one state of a scene tells of that of another, such as night vision of day.
#pragma once

#include <opencv2/core.hpp>

namespace proxseg {

// The background without objects that stand before it in all images of its state. They are told by the
// background of another state, which is taken to show none, once that is brought into the look of this
// one by a linear map of the channels (colour to infrared) and a field of light; and by `seen`, 8UC1 of
// any size, 255 where images of the other state show objects: it covers half of each. Lamps, which shine in one state
// only, were never seen to move. Both backgrounds are 8UC1 or 8UC3, of one size. The background as it is where the two
// show different places, or where the other one has much less colour.
cv::Mat without_objects(const cv::Mat& background, const cv::Mat& other, const cv::Mat& seen);

}  // namespace proxseg
