// Light that changes in parts of a scene: lamps, sunlight that wanders, the edge of a cloud.
#pragma once

#include <memory>
#include <opencv2/core.hpp>
#include <vector>

namespace proxseg {

// A field of factors f by which a frame D is brighter than the background B, smooth over the
// picture, for each channel. It is measured where the frame shows the texture of the background,
// which no object does: with r = log((D + o) / (B + o)), o = 4 grey levels, d and b both images in
// grey without what is smooth over 7 x 7 pixels, and G a mean over some pixels around,
//   w = max(0, (<d, b> / |d| |b| - 0.6) / 0.4)      over 7 x 7 pixels; 0 where there is no texture
//   log f = (G(w r) + 0.05 m) / (G(w) + 0.05)
// m, for places without texture: the median of r over a window whose side is half of the picture's
// shorter one, so that no object smaller than an eighth of it is taken for light.
class Light {
 public:
  // background: 8UC1 or 8UC3.
  explicit Light(const cv::Mat& background);

  // f of a frame of the background's aspect ratio, channels and depth: 32FC1 or 32FC3, small.
  cv::Mat field_of(const cv::Mat& frame) const;
  // At most 160 pixels wide.
  const cv::Mat& background() const { return background_; }

 private:
  // w, 32FC1, of a frame of the size of background_.
  cv::Mat weights(const cv::Mat& image) const;

  cv::Mat background_;          // small
  cv::Mat logarithm_, coarse_;  // of it; the same, smaller
  cv::Mat texture_, variance_;  // b; its mean square
};

// The image as the background's light would show it: (D + o) / f - o. Returns a new image.
cv::Mat take_light(const cv::Mat& image, const cv::Mat& field);

// The inverse: f (D + o) - o.
cv::Mat give_light(const cv::Mat& image, const cv::Mat& field);

// 8UC1: 255 where two images differ by more than 15 grey levels in some channel.
cv::Mat visible_differences(const cv::Mat& a, const cv::Mat& b);

// The pixels of the mask `where`, 8UC1, around which the frame shows the texture of the background,
// in whatever light: 8UC1 of 0 and 255. With d and b both images in grey without what is smooth
// over 11 x 11 pixels,
//   <d, b> > 0.6 |d| |b|   over 15 x 15 pixels of `where`, where the deviation of both is 2 grey levels or more.
// Where there is no texture, nothing is told. Both 8UC1 or 8UC3, of one size.
cv::Mat lit_otherwise(const cv::Mat& frame, const cv::Mat& background, const cv::Mat& where);

// The share of pixels in which images differ visibly from their median, each in its exposure: the mean
// over about 32 images.
double unexplained_share(const std::vector<cv::Mat>& images);

// The same for images brought into a light, from its background().
double unexplained_share(const std::vector<cv::Mat>& images, const Light& light);

// A light if it explains most of what changes: if the unexplained_share() falls to less than half of what
// a gain leaves, or if is_known. Null otherwise. images: of one size and type. An empty background stands for
// the median of the images, and unless is_known of the images in the light of one of them, in which they
// differ least.
std::shared_ptr<const Light> find_light(const std::vector<cv::Mat>& images,
                                        const cv::Mat& background, bool is_known = false);

}  // namespace proxseg
