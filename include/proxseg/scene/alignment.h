// Frames of a camera that shakes, brought onto a reference image.
#pragma once

#include <memory>
#include <opencv2/core.hpp>
#include <vector>

namespace proxseg {

// Transforms are 2 x 3 float64 matrices that take a frame's coordinates to the reference's, in
// pixels of the frames' own size: shift, rotation and zoom.
class Alignment {
 public:
  // reference: 8UC1 or 8UC3.
  explicit Alignment(const cv::Mat& reference);

  // frame: 8UC1 or 8UC3 of the reference's aspect. Corners of the reference are tracked into the
  // frame (Lucas and Kanade, pyramidal); the transform is the one that most of them agree on
  // (RANSAC), so that objects do not move it. The identity where too few are found.
  cv::Mat transform_of(const cv::Mat& frame) const;

 private:
  cv::Mat gray_;                      // 8UC1, of at most 100,000 pixels
  std::vector<cv::Point2f> corners_;  // in gray_
};

// image at the reference's place; what it does not show repeats its border.
cv::Mat align(const cv::Mat& image, const cv::Mat& transform);

// The way back, from the reference's place to the frame's; 0 where the reference shows nothing.
cv::Mat unalign(const cv::Mat& image, const cv::Mat& transform);

// Onto their middle image, then onto the median of the result, if the images of a clip are those of
// a camera that shakes: if half of some 32 of them, evenly spread, are more than 1.5 pixels off at
// some corner. Null otherwise.
std::shared_ptr<const Alignment> find_shake(const std::vector<cv::Mat>& images);

}  // namespace proxseg
