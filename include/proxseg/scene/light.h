// Light that changes in parts of a scene: lamps, sunlight that wanders, the edge of a cloud.
#pragma once

#include <memory>
#include <opencv2/core.hpp>
#include <vector>

namespace proxseg {

// A field of factors by which a frame D is brighter than the background B, smooth over the picture:
//   f = exp(median over a window of log((D + o) / (B + o))),   o = 4 grey levels,
// for each channel; the window's side is half of the picture's shorter one, so that no object
// smaller than an eighth of it is taken for light.
class Light {
 public:
  // background: 8UC1 or 8UC3.
  explicit Light(const cv::Mat& background);

  // f of a frame of the background's aspect ratio, channels and depth: 32FC1 or 32FC3, small.
  cv::Mat field_of(const cv::Mat& frame) const;

 private:
  cv::Mat logarithm_;  // of the background, small
};

// The image as the background's light would show it: (D + o) / f - o. Returns a new image.
cv::Mat take_light(const cv::Mat& image, const cv::Mat& field);

// The inverse: f (D + o) - o.
cv::Mat give_light(const cv::Mat& image, const cv::Mat& field);

// 8UC1: 255 where two images differ by more than 15 grey levels in some channel.
cv::Mat visible_differences(const cv::Mat& a, const cv::Mat& b);

// A light if it explains most of what changes: if the share of pixels in which the images differ from
// the background, the mean over about 32 images, falls to less than half of what a gain of the
// whole picture leaves. Null otherwise. images: of one size and type. An empty background stands for
// the median of the images.
std::shared_ptr<const Light> find_light(const std::vector<cv::Mat>& images,
                                        const cv::Mat& background);

}  // namespace proxseg
