#include "proxseg/scene/shadow.h"

#include <algorithm>
#include <opencv2/imgproc.hpp>
#include <vector>

#include "proxseg/media/transform.h"

namespace proxseg {
namespace {

// Mean over the image of the largest less the smallest channel, in grey levels, is more than that
// of a grey image behind a lossy codec.
bool has_colour(const cv::Mat& image) {
  constexpr double kLeastSaturation = 4.0;
  if (image.channels() != 3) return false;
  cv::Mat inverse, saturation;
  cv::bitwise_not(image, inverse);
  cv::add(largest_over_channels(image), largest_over_channels(inverse), saturation, {}, CV_32F);
  return cv::mean(saturation)[0] - 255.0 > kLeastSaturation;
}

cv::Mat window_sum(const cv::Mat& products) {
  constexpr int kWindow = 5;
  cv::Mat sums, total;
  cv::transform(products, total, cv::Matx13f(1, 1, 1));
  cv::boxFilter(total, sums, CV_32F, {kWindow, kWindow}, {-1, -1}, /*normalize=*/false);
  return sums;
}

}  // namespace

ShadowDetector::ShadowDetector(const SceneModel& scene) {
  if (!has_colour(scene.background)) return;
  scene.background.convertTo(background_, CV_32F);
  constexpr double kTolerance = 0.4;
  tolerance_ = kTolerance * 255.0 * scene.scale;
}

cv::Mat ShadowDetector::find(const cv::Mat& frame) const {
  constexpr double kDarkest = 0.4, kBrightest = 0.97;
  if (background_.empty()) return cv::Mat::zeros(frame.size(), CV_8U);
  cv::Mat values;
  frame.convertTo(values, CV_32F);
  const cv::Mat dimming =
      window_sum(values.mul(background_)) / (window_sum(background_.mul(background_)) + 1.0);
  cv::Mat dimmed, distance;
  cv::merge(std::vector<cv::Mat>(3, dimming), dimmed);
  cv::absdiff(values, dimmed.mul(background_), distance);
  return (largest_over_channels(distance) <= tolerance_) & (dimming > kDarkest) &
         (dimming < kBrightest);
}

cv::Mat without_shadows(const cv::Mat& mask, const cv::Mat& shadows) {
  cv::Mat core, midst;
  cv::medianBlur(mask & ~shadows, core, 5);
  const int side = std::max(3, std::min(mask.cols, mask.rows) / 12) | 1;
  cv::morphologyEx(core, midst, cv::MORPH_CLOSE,
                   cv::getStructuringElement(cv::MORPH_ELLIPSE, {side, side}));
  return mask & midst;
}

}  // namespace proxseg
