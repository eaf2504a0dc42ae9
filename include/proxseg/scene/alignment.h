// Frames of a camera that shakes, brought onto a reference image.
#pragma once

#include <memory>
#include <opencv2/core.hpp>
#include <vector>

namespace proxseg {

// Transforms are 2 x 3 float64 matrices that map a frame's coordinates to the reference's, in
// pixels of the frames' own size: shift, rotation and zoom.
class Alignment {
 public:
  // reference: 8UC1 or 8UC3.
  explicit Alignment(const cv::Mat& reference);

  // frame: 8UC1 or 8UC3 of the reference's aspect ratio. Corners of the reference are tracked into
  // the frame (pyramidal Lucas-Kanade); the transform is the one that most of them agree on
  // (RANSAC), so that moving objects do not affect it. The identity if too few corners are found.
  cv::Mat transform_of(const cv::Mat& frame) const;

 private:
  cv::Mat gray_;                      // 8UC1, of at most 100,000 pixels
  std::vector<cv::Point2f> corners_;  // in gray_
};

// The image, moved onto the reference; its border is repeated where it shows nothing.
cv::Mat align(const cv::Mat& image, const cv::Mat& transform);

// The inverse: from the reference back onto the frame; 0 where the reference shows nothing.
cv::Mat unalign(const cv::Mat& image, const cv::Mat& transform);

// An alignment if the camera shakes: if half of about 32 images, evenly spread over the clip, are
// off by more than 1.5 pixels at some corner of the image. Its reference is the median of the
// images, aligned onto the one in the middle. Null for a steady camera.
std::shared_ptr<const Alignment> find_shake(const std::vector<cv::Mat>& images);

}  // namespace proxseg
