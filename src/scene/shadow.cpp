#include "proxseg/scene/shadow.h"

#include <algorithm>
#include <opencv2/imgproc.hpp>
#include <vector>

#include "proxseg/media/transform.h"
#include "proxseg/scene/mask.h"

namespace proxseg {
namespace {

// Mean over the image of the largest less the smallest channel, in grey levels, is more than that
// of a grey image from a lossy codec.
bool has_colour(const cv::Mat& image) {
  constexpr double kLeastSaturation = 4.0;
  if (image.channels() != 3) return false;
  cv::Mat inverse, saturation;
  cv::bitwise_not(image, inverse);
  cv::add(largest_over_channels(image), largest_over_channels(inverse), saturation, {}, CV_32F);
  return cv::mean(saturation)[0] - 255.0 > kLeastSaturation;
}

constexpr int kWindow = 5;

// Over the window and the channels.
cv::Mat window_sum(const cv::Mat& products) {
  cv::Mat sums, total;
  cv::transform(products, total, cv::Matx13f(1, 1, 1));
  cv::boxFilter(total, sums, CV_32F, {kWindow, kWindow}, {-1, -1}, /*normalize=*/false);
  return sums;
}

}  // namespace

ShadowDetector::ShadowDetector(const SceneState& scene) {
  if (!has_colour(scene.background)) return;
  scene.background.convertTo(background_, CV_32F);
  energy_ = window_sum(background_.mul(background_)) + 1.0;
  // The colour of the light in a shadow differs more from that outside than the camera's noise.
  constexpr double kTolerance = 0.4, kLeastScale = 20.0 / 255.0;
  tolerance_ = kTolerance * 255.0 * cv::max(scene.scale, kLeastScale);
}

cv::Mat ShadowDetector::find(const cv::Mat& frame, const cv::Rect& within, double gain) const {
  constexpr double kDarkest = 0.4, kBrightest = 0.97;
  cv::Mat shadows = cv::Mat::zeros(frame.size(), CV_8U);
  if (background_.empty() || within.empty()) return shadows;
  constexpr int kMargin = kWindow / 2;
  const cv::Rect place = cv::Rect(within.x - kMargin, within.y - kMargin,
                                  within.width + 2 * kMargin, within.height + 2 * kMargin) &
                         cv::Rect({}, frame.size());
  const cv::Mat background = background_(place);
  cv::Mat values, dimmed, distance;
  frame(place).convertTo(values, CV_32F);
  const cv::Mat dimming = window_sum(values.mul(background)) / energy_(place);
  cv::merge(std::vector<cv::Mat>(3, dimming), dimmed);
  cv::absdiff(values, dimmed.mul(background), distance);
  const cv::Mat found = (largest_over_channels(distance) <= tolerance_(place)) &
                        (dimming > kDarkest * gain) & (dimming < kBrightest * gain);
  const cv::Rect inner = within - place.tl();
  found(inner).copyTo(shadows(within));
  return shadows;
}

cv::Mat without_shadows(const cv::Mat& mask, const cv::Mat& shadows) {
  constexpr double kNear = 0.04, kGap = 1.0 / 12.0;
  const int near = std::max(9, odd_side(kNear, mask.size()));
  const int gap = std::max(3, odd_side(kGap, mask.size()));
  cv::Mat object, whole, core, midst;
  cv::blur(mask & ~shadows, object, {near, near});
  cv::blur(mask, whole, {near, near});
  core = mask & (object > whole / 2);
  cv::morphologyEx(core, midst, cv::MORPH_CLOSE,
                   cv::getStructuringElement(cv::MORPH_ELLIPSE, {gap, gap}));
  return mask & midst;
}

}  // namespace proxseg
