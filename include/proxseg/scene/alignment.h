// Frames of a camera that shakes, brought onto a reference image.
#pragma once

#include <memory>
#include <opencv2/core.hpp>
#include <optional>
#include <vector>

namespace proxseg {

// How much of what a moving camera shows beyond its reference a canvas holds: what one that shakes shows, by a
// twelfth of the picture's shorter side at most, or all, up to four frames.
enum class Canvas { kShaken, kWhole };

// Transforms are 2 x 3 float64 matrices that map a frame's coordinates to those of a canvas, which is
// larger than a frame by a margin on each side, in pixels of the frames' own size: shift, rotation and zoom.
class Alignment {
 public:
  // reference: 8UC1 or 8UC3, the canvas, of which a frame of the reference camera covers all but the margin.
  explicit Alignment(const cv::Mat& reference, cv::Size margin = {});

  cv::Size margin() const { return margin_; }

  // Whether the frame shows what the reference shows there, in whatever exposure: whether it can be aligned,
  // and is then in the state of the reference (show_one_state()).
  bool explains(const cv::Mat& frame) const;

  // frame: 8UC1 or 8UC3 of the aspect ratio of the reference's. Corners of the reference are tracked into
  // the frame (pyramidal Lucas-Kanade), from where the image that looks most like it lies; the transform is
  // the one that most of them agree on (RANSAC), so that moving objects do not affect it. Nothing if too few
  // corners are found or agree, as on an object, or if the frame is no nearer to the reference with it.
  std::optional<cv::Mat> find_transform(const cv::Mat& frame) const;

  // The same, the reference camera's in place of nothing.
  cv::Mat transform_of(const cv::Mat& frame) const;

  // Learns the transforms of images in the order of time, from the one in the middle to both ends,
  // each from that of its neighbour. Frames that cannot be tracked from the reference are then
  // tracked from the image that looks most like them: those of a camera that zooms or pans.
  void follow(const std::vector<cv::Mat>& images);

  // The same where it is known about where each lies.
  void follow(const std::vector<cv::Mat>& images, const std::vector<cv::Mat>& guesses);

 private:
  struct Known {
    cv::Mat look;  // a small image
    cv::Mat transform;
  };
  cv::Mat nearest_known(const cv::Mat& gray) const;
  // The transform of an image of frame_, in its pixels, if it is near the guess.
  std::optional<cv::Mat> refine(const cv::Mat& gray, const cv::Mat& guess) const;
  bool has_margin() const { return margin_ != cv::Size(); }
  bool brings_nearer(const cv::Mat& gray, const cv::Mat& transform) const;

  cv::Mat reference_;
  cv::Size margin_;
  cv::Size frame_;                    // of at most 100,000 pixels
  cv::Mat gray_;                      // 8UC1, at that scale
  cv::Mat home_;                      // of the reference camera
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

// 255 on the canvas where a frame of that size shows nothing of it: 8UC1.
cv::Mat unseen_area(cv::Size frame, const cv::Mat& transform, cv::Size canvas);

// An alignment if the camera moves: if half of about 32 images, evenly spread over the clip, are off
// by more than 1.5 pixels at some corner of the image, or a tenth by more than 3. For kWhole, images that show
// too little of the one in the middle are brought there over those between them. Its reference is the median
// of the images on a canvas that holds what one in twenty of them shows at least; where that would be more than
// the canvas may hold, it is what the image in the middle shows. Null for a steady camera, and for one that
// moves so far that a quarter of the images can't be aligned.
std::shared_ptr<const Alignment> find_motion(const std::vector<cv::Mat>& images,
                                             Canvas canvas = Canvas::kWhole);

// The same, by the same shares of the images, onto a picture of their size that their camera has seen.
std::shared_ptr<const Alignment> find_motion_onto(const cv::Mat& reference,
                                                  const std::vector<cv::Mat>& images);

}  // namespace proxseg
