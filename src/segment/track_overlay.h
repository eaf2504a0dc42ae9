// The objects of a frame with their identities, for people.
#pragma once

#include <opencv2/core.hpp>
#include <vector>

#include "proxseg/track/tracker.h"

namespace proxseg {

// The frame in BGR, each object filled and outlined in a colour of its id, which stands beside it once
// it has been seen twice. frame: 8UC1 or 8UC3.
cv::Mat draw_tracks(const cv::Mat& frame, const std::vector<Track>& tracks);

}  // namespace proxseg
