#include "proxseg/scene/shadow.h"

#include <ATen/ops/avg_pool2d.h>

#include <algorithm>
#include <opencv2/imgproc.hpp>
#include <vector>

#include "proxseg/media/transform.h"
#include "proxseg/scene/mask.h"
#include "scene/images.h"

namespace proxseg {
namespace {

// Mean over the image of the largest less the smallest channel, as part of the largest, is more than
// that of a grey image from a lossy codec.
bool has_colour(const cv::Mat& image) {
  constexpr double kLeastSaturation = 0.04;
  if (image.channels() != 3) return false;
  cv::Mat inverse;
  cv::bitwise_not(image, inverse);
  const double largest = cv::mean(largest_over_channels(image))[0];
  const double smallest = 255.0 - cv::mean(largest_over_channels(inverse))[0];
  return largest - smallest > kLeastSaturation * largest;
}

// Lamps light up only what is dark.
bool is_night(const cv::Mat& image) {
  constexpr double kDark = 48.0;  // grey levels
  return brightness_of(image) < kDark;
}

// Rectangles that hold all that the mask does, of a grid's cells, those in a row in one.
std::vector<cv::Rect> occupied_parts(const cv::Mat& mask) {
  constexpr int kCell = 32;
  std::vector<cv::Rect> parts;
  cv::Mat columns;
  for (int y = 0; y < mask.rows; y += kCell) {
    const int height = std::min(kCell, mask.rows - y);
    cv::reduce(mask.rowRange(y, y + height), columns, 0, cv::REDUCE_MAX);
    bool joins = false;
    for (int x = 0; x < mask.cols; x += kCell) {
      const int width = std::min(kCell, mask.cols - x);
      const bool holds = cv::countNonZero(columns.colRange(x, x + width)) > 0;
      if (holds && joins) parts.back().width += width;
      if (holds && !joins) parts.emplace_back(x, y, width, height);
      joins = holds;
    }
  }
  return parts;
}

// Of the header's rule; values in [0, 1].
constexpr int kWindow = 5;
constexpr double kDarkest = 0.4, kUnchanged = 0.97, kBrightest = 4.0;
constexpr double kTolerance = 0.4, kRelativeTolerance = 0.15;

// By day the least scale shrinks with the range of grey levels: haze leaves less of what objects
// differ by from a shadow.
double least_scale(double range) {
  constexpr double kLeastScale = 20.0 / 255.0, kOrdinaryRange = 128.0;
  return kLeastScale * std::min(1.0, range / kOrdinaryRange);
}

// Over the window and the channels.
cv::Mat window_sum(const cv::Mat& products) {
  cv::Mat sums, total = products;
  if (products.channels() == 3) cv::transform(products, total, cv::Matx13f(1, 1, 1));
  cv::boxFilter(total, sums, CV_32F, {kWindow, kWindow}, {-1, -1}, /*normalize=*/false);
  return sums;
}

cv::Mat widened(const cv::Mat& mask, int pixels) {
  cv::Mat wide;
  cv::dilate(mask, wide, cv::Mat::ones(2 * pixels + 1, 2 * pixels + 1, CV_8U));
  return wide;
}

// Light fades, an object ends at its contour: how far from there it still adds to the background what
// part of its mean.
constexpr int kContour = 2, kAround = 7;  // pixels
constexpr double kFaded = 0.02;

// The components of bright, of the mask `where`, around which the light a, 32FC1, fades: 8UC1.
cv::Mat fading_light(const cv::Mat& bright, const cv::Mat& where, const cv::Mat& light) {
  cv::Mat labels, stats, centroids;
  const int count = cv::connectedComponentsWithStats(bright, labels, stats, centroids, 8);
  const cv::Mat outside = ~widened(where, kWindow / 2);
  cv::Mat fading = cv::Mat::zeros(bright.size(), CV_8U);
  for (int i = 1; i < count; ++i) {
    const int* box = stats.ptr<int>(i);
    const cv::Rect place =
        cv::Rect(box[cv::CC_STAT_LEFT] - kAround, box[cv::CC_STAT_TOP] - kAround,
                 box[cv::CC_STAT_WIDTH] + 2 * kAround, box[cv::CC_STAT_HEIGHT] + 2 * kAround) &
        cv::Rect({}, bright.size());
    const cv::Mat inside = labels(place) == i;
    const cv::Mat around = widened(inside, kAround) & ~widened(inside, kContour) & outside(place);
    if (cv::countNonZero(around) == 0) continue;
    const auto added = [&](const cv::Mat& part) { return cv::mean(light(place), part)[0] - 1.0; };
    if (added(around) > kFaded * added(inside)) fading(place).setTo(255, inside);
  }
  return fading;
}

}  // namespace

torch::Tensor shading_of(const torch::Tensor& frames, const SceneTensors& scene) {
  if (!scene.tells_shadows) return {};
  const torch::Tensor& background = scene.background;
  const auto window_mean = [](const torch::Tensor& products) {
    return at::avg_pool2d(products.sum(1, /*keepdim=*/true), kWindow, 1, kWindow / 2);
  };
  const auto light = window_mean(frames * background) / (window_mean(background.square()) + 1e-6);
  const auto lit = light * background;
  const auto distance = (frames - lit).abs_().amax(1, /*keepdim=*/true);
  const auto tolerance = (kTolerance * scene.scale.clamp_min(least_scale(scene.range)))
                             .minimum(kRelativeTolerance * lit.amax(1, /*keepdim=*/true));
  const auto found = (light > kDarkest) & (light < kUnchanged) & (distance <= tolerance);
  return light.masked_fill(~found, 1.0);
}

SceneTensors apply_shading(SceneTensors scene, const torch::Tensor& shading) {
  if (shading.defined()) scene.background = scene.background * shading;
  return scene;
}

bool tells_shadows(const SceneState& scene) {
  return !scene.scale.empty() && has_colour(scene.background) && !is_night(scene.background);
}

ShadowDetector::ShadowDetector(const SceneState& scene)
    : has_colour_(has_colour(scene.background)), is_night_(is_night(scene.background)) {
  if (!has_colour_ && !is_night_) return;
  scene.background.convertTo(background_, CV_32F);
  energy_ = window_sum(background_.mul(background_)) + 1.0;
  brightest_ = largest_over_channels(background_);
  tolerance_ =
      kTolerance * 255.0 * cv::max(scene.scale, least_scale(is_night_ ? 255.0 : scene.range));
}

ShadowDetector::Light ShadowDetector::light_within(const cv::Rect& part, const cv::Mat& frame,
                                                   double gain) const {
  constexpr int kMargin = kWindow / 2;
  const cv::Rect place = cv::Rect(part.x - kMargin, part.y - kMargin, part.width + 2 * kMargin,
                                  part.height + 2 * kMargin) &
                         cv::Rect({}, frame.size());
  const cv::Mat background = background_(place);
  cv::Mat values, lit, distance;
  frame(place).convertTo(values, CV_32F);
  const cv::Mat light = window_sum(values.mul(background)) / energy_(place);
  cv::merge(std::vector<cv::Mat>(static_cast<size_t>(background.channels()), light), lit);
  cv::absdiff(values, lit.mul(background), distance);
  const cv::Mat is_all =
      largest_over_channels(distance) <=
      cv::min(tolerance_(place), kRelativeTolerance * light.mul(brightest_(place)));
  const cv::Rect inner = part - place.tl();
  return {cv::Mat(light / gain)(inner), is_all(inner)};
}

cv::Mat ShadowDetector::find(const cv::Mat& frame, const cv::Mat& where, double gain) const {
  cv::Mat shadows = cv::Mat::zeros(frame.size(), CV_8U);
  if (background_.empty()) return shadows;
  cv::Mat factor, bright;  // at night
  if (is_night_) {
    factor = cv::Mat::ones(frame.size(), CV_32F);
    bright = cv::Mat::zeros(frame.size(), CV_8U);
  }
  for (const cv::Rect& part : occupied_parts(is_night_ ? widened(where, kAround) : where)) {
    const Light light = light_within(part, frame, gain);
    const cv::Mat lit = light.is_all & where(part);
    if (has_colour_) {
      shadows(part) |= lit & (light.factor > kDarkest) & (light.factor < kUnchanged);
    }
    if (is_night_) {
      light.factor.copyTo(factor(part));
      bright(part) |= lit & (light.factor > 1.0 / kUnchanged) & (light.factor < kBrightest);
    }
  }
  if (is_night_) shadows |= fading_light(bright, where, factor);
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
