// The background of a scene as that which repeats itself.
#pragma once

#include <opencv2/core.hpp>
#include <vector>

namespace proxseg {

// The temporal median where at least half of the images agree with it. Elsewhere it need not be what
// any image shows, and the image whose surroundings most others repeat takes its place: what moves
// before a background looks different each time, the background does not. (That patches of the
// background recur is the assumption of Colombari and Fusiello 2010, "Patch-based background
// initialization in heavily cluttered video".) images: at least one, 8UC1 or 8UC3, of one size and
// type.
cv::Mat repeated_background(const std::vector<cv::Mat>& images);

}  // namespace proxseg
