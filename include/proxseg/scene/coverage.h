// Telling objects from background without a network, even where an object stands still for most of
// a clip. Images are 8UC1 or 8UC3, at least one, all of one size and type, in any order.
#pragma once

#include <opencv2/core.hpp>
#include <vector>

namespace proxseg {

// The temporal median, corrected where it shows an object that stood still.
//
// Blobs of an image that differ from the median are objects in that image, or "ghosts": places that
// an object in the median has left. The contour of an object follows edges of the image, that of a
// ghost follows edges of the median. Every blob of every image votes; where ghosts are frequent and
// agree on a value, that value takes the median's place. The blobs are then judged again, until
// nothing changes.
cv::Mat settled_background(const std::vector<cv::Mat>& images);

// For each image an 8UC1 mask: 255 on the blobs in which it differs from the background, and on
// their fringe; specks, as waves and leaves make them, are left out.
std::vector<cv::Mat> covered_areas(const std::vector<cv::Mat>& images, const cv::Mat& background);

}  // namespace proxseg
