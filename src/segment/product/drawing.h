// The objects of a frame with their identities, and what is counted, for people.
#pragma once

#include <opencv2/core.hpp>
#include <vector>

#include "proxseg/track/counting.h"
#include "proxseg/track/tracker.h"

namespace proxseg {

// The frame in BGR, each object filled and outlined in a colour of its id, which stands beside it once
// it has been seen twice. frame: 8UC1 or 8UC3.
cv::Mat draw_tracks(const cv::Mat& frame, const std::vector<Track>& tracks);

// Draws the counter's lines, on either side how many have come to it, and its zones with how many are
// in them, into a frame in BGR.
void draw_counts(cv::Mat& image, const Counter& counter);

}  // namespace proxseg
