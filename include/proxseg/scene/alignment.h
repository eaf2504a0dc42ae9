// Frames of a camera that shakes, brought onto a reference image.
#pragma once

#include <memory>
#include <opencv2/core.hpp>
#include <optional>
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
  // (RANSAC), so that moving objects do not affect it. Nothing if too few corners are found or agree,
  // as on an object, or if the frame is no nearer to the reference with it.
  std::optional<cv::Mat> find_transform(const cv::Mat& frame) const;

  // The same, the identity in place of nothing.
  cv::Mat transform_of(const cv::Mat& frame) const;

  // Learns the transforms of images in the order of time, from the one in the middle to both ends,
  // each from that of its neighbour. Frames that cannot be tracked from the reference are then
  // tracked from the image that looks most like them: those of a camera that zooms or pans.
  void follow(const std::vector<cv::Mat>& images);

 private:
  struct Known {
    cv::Mat look;  // a small image
    cv::Mat transform;
  };
  cv::Mat nearest_known(const cv::Mat& gray) const;
  // The transform of an image of gray_'s size, in its pixels, if it is near the guess.
  std::optional<cv::Mat> refine(const cv::Mat& gray, const cv::Mat& guess) const;
  bool brings_nearer(const cv::Mat& gray, const cv::Mat& transform) const;

  cv::Mat gray_;                      // 8UC1, of at most 100,000 pixels
  std::vector<cv::Point2f> corners_;  // in gray_
  std::vector<Known> known_;
};

// How far the transform moves the corner of an image that it moves most, in pixels.
double largest_shift(const cv::Mat& transform, cv::Size size);

// The image, moved onto a canvas of that size; where it shows nothing, its own border repeated.
cv::Mat align(const cv::Mat& image, const cv::Mat& transform, cv::Size canvas);
// Moved onto a background of the same type, which stays where the image shows nothing.
cv::Mat align(const cv::Mat& image, const cv::Mat& transform, const cv::Mat& background);

// The inverse: back onto a frame of that size; 0 where the image shows nothing.
cv::Mat unalign(const cv::Mat& image, const cv::Mat& transform, cv::Size frame);

// An alignment if the camera moves: if half of about 32 images, evenly spread over the clip, are off
// by more than 1.5 pixels at some corner of the image, or a tenth by more than 3. Its reference is
// the median of the images, aligned onto the one in the middle. Null for a steady camera, and for
// one that moves so far that a quarter of the images can't be aligned.
std::shared_ptr<const Alignment> find_motion(const std::vector<cv::Mat>& images);

}  // namespace proxseg
