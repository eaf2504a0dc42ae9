#include "proxseg/scene/light.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <opencv2/imgproc.hpp>
#include <utility>

#include "proxseg/media/transform.h"
#include "proxseg/scene/background.h"
#include "proxseg/scene/exposure.h"
#include "scene/images.h"
#include "scene/picture.h"

namespace proxseg {
namespace {

constexpr int kWidth = 160, kCoarseWidth = 64;  // pixels, where the images are not smaller
constexpr int kTextureWindow = 7;               // pixels
constexpr double kOffset = 4.0;                 // o
// Logarithms are filtered as bytes: kEven + kSteps log f, for factors from 1/4 to 4.
constexpr double kEven = 128.0, kSteps = 92.0;

// log(x + o), of a small image.
cv::Mat logarithm_of(const cv::Mat& image) {
  cv::Mat values;
  image.convertTo(values, CV_32F);
  values += cv::Scalar::all(kOffset);
  cv::log(values, values);
  return values;
}

// Each pixel takes the median of the window around it; the border is mirrored.
cv::Mat median_of_windows(const cv::Mat& image, int side) {
  const int margin = side / 2;
  cv::Mat framed, filtered;
  cv::copyMakeBorder(image, framed, margin, margin, margin, margin, cv::BORDER_REFLECT);
  cv::medianBlur(framed, filtered, side);
  return filtered(cv::Rect({margin, margin}, image.size()));
}

cv::Mat at_size_of(const cv::Mat& image, const cv::Mat& field) {
  cv::Mat large;
  cv::resize(field, large, image.size(), 0, 0, cv::INTER_LINEAR);
  return large;
}

cv::Mat mean_around(const cv::Mat& values, int side) {
  cv::Mat mean;
  cv::blur(values, mean, {side, side});
  return mean;
}

// m: 32FC1 or 32FC3. ratio: r.
cv::Mat median_field(const cv::Mat& ratio) {
  cv::Mat bytes, field;
  ratio.convertTo(bytes, CV_8U, kSteps, kEven);
  const int side = std::max(3, (std::min(bytes.rows, bytes.cols) / 2) | 1);
  median_of_windows(bytes, side).convertTo(field, CV_32F, 1.0 / kSteps, -kEven / kSteps);
  cv::GaussianBlur(field, field, {}, side / 6.0);
  return field;
}

// The image after `change` of its values as float32, each increased by o meanwhile.
template <typename Change>
cv::Mat with_offset(const cv::Mat& image, const Change& change) {
  cv::Mat values, result;
  image.convertTo(values, CV_32F);
  values += cv::Scalar::all(kOffset);
  change(values);
  values -= cv::Scalar::all(kOffset);
  values.convertTo(result, CV_8U);
  return result;
}

double share_of_differences(const cv::Mat& a, const cv::Mat& b) {
  return cv::mean(visible_differences(a, b))[0] / 255.0;
}

}  // namespace

cv::Mat visible_differences(const cv::Mat& a, const cv::Mat& b) {
  constexpr double kVisible = 15.0;  // grey levels
  return difference_of(a, b) > kVisible;
}

Light::Light(const cv::Mat& background)
    : background_(at_most_so_wide(background, kWidth)),
      logarithm_(logarithm_of(background_)),
      coarse_(logarithm_of(at_most_so_wide(background, kCoarseWidth))),
      texture_(texture_of(background_, kTextureWindow)),
      variance_(mean_around(texture_.mul(texture_), kTextureWindow)) {}

cv::Mat Light::weights(const cv::Mat& image) const {
  constexpr double kLeastVariance = 0.25;
  const cv::Mat texture = texture_of(image, kTextureWindow);
  const cv::Mat variance = mean_around(texture.mul(texture), kTextureWindow);
  cv::Mat length, weights;
  cv::sqrt(variance.mul(variance_), length);
  cv::divide(mean_around(texture.mul(texture_), kTextureWindow), length + 1e-6, weights);
  weights = cv::max((weights - kSameTexture) / (1.0 - kSameTexture), 0.0);
  weights.setTo(0.0, cv::min(variance, variance_) < kLeastVariance);
  return weights;
}

cv::Mat Light::field_of(const cv::Mat& frame) const {
  constexpr double kLeastWeight = 0.05;
  constexpr int kReach = 9;  // pixels
  const cv::Mat image = resize_frame(frame, background_.size());
  const auto smooth = [](const cv::Mat& values) {
    return mean_around(mean_around(values, kReach), kReach);
  };
  const auto for_each_channel = [&](const cv::Mat& values) -> cv::Mat {
    if (image.channels() == 1) return values;
    cv::Mat copies;
    cv::merge(std::vector<cv::Mat>(3, values), copies);
    return copies;
  };
  const cv::Mat weight = weights(image);
  const cv::Mat ratio = logarithm_of(image) - logarithm_;
  const cv::Mat usual =
      at_size_of(image, median_field(logarithm_of(resize_frame(image, coarse_.size())) - coarse_));
  const cv::Mat sum = smooth(for_each_channel(weight).mul(ratio)) + kLeastWeight * usual;
  cv::Mat field;
  cv::divide(sum, for_each_channel(smooth(weight) + kLeastWeight), field);
  cv::exp(field, field);
  return field;
}

cv::Mat take_light(const cv::Mat& image, const cv::Mat& field) {
  return with_offset(
      image, [&](cv::Mat& values) { cv::divide(values, at_size_of(image, field), values); });
}

cv::Mat give_light(const cv::Mat& image, const cv::Mat& field) {
  return with_offset(
      image, [&](cv::Mat& values) { cv::multiply(values, at_size_of(image, field), values); });
}

cv::Mat lit_otherwise(const cv::Mat& frame, const cv::Mat& background, const cv::Mat& where) {
  constexpr double kLeastVariance = 4.0;
  constexpr int kSmooth = 11, kWindow = 15;
  cv::Mat inside;
  cv::Mat(where != 0).convertTo(inside, CV_32F, 1.0 / 255.0);
  const auto sum = [](const cv::Mat& values) -> cv::Mat {
    cv::Mat sums;
    cv::boxFilter(values, sums, CV_32F, {kWindow, kWindow}, {-1, -1}, /*normalize=*/false);
    return sums;
  };
  const cv::Mat d = texture_of(frame, kSmooth).mul(inside);
  const cv::Mat b = texture_of(background, kSmooth).mul(inside);
  const cv::Mat dd = sum(d.mul(d)), bb = sum(b.mul(b)), least = sum(inside) * kLeastVariance;
  cv::Mat length;
  cv::sqrt(dd.mul(bb), length);
  return (sum(d.mul(b)) > kSameTexture * length) & (dd > least) & (bb > least) & (where != 0);
}

namespace {

// What light is told by.
std::vector<cv::Mat> some_small(const std::vector<cv::Mat>& images) {
  constexpr int64_t kMost = 32;
  return map_images(some_of(images, kMost),
                    [](const cv::Mat& image) { return at_most_so_wide(image, kWidth); });
}

// From their background, by a gain of the whole picture.
double share_left(const std::vector<cv::Mat>& images, const cv::Mat& background) {
  return mean_over(images, [&](const cv::Mat& image) {
    return share_of_differences(image, background * exposure_gain(image, background));
  });
}

double share_left(const std::vector<cv::Mat>& images, const Light& light) {
  return mean_over(images, [&](const cv::Mat& image) {
    return share_of_differences(take_light(image, light.field_of(image)), light.background());
  });
}

// Their median once they are in the light of one of them, in which they differ least, or else before.
// That of the images as they are may show one place in the sun and the next in the shade.
cv::Mat background_in_one_light(const std::vector<cv::Mat>& images) {
  constexpr int64_t kLights = 8;
  constexpr double kMost = std::numeric_limits<double>::infinity();
  std::shared_ptr<const Light> best;
  std::pair<double, double> least = {kMost, kMost};
  for (const cv::Mat& image : some_of(images, kLights)) {
    const auto light = std::make_shared<const Light>(image);
    const auto left = std::pair(share_left(images, *light), share_left(images, image));
    if (left >= least) continue;
    least = left;
    best = light;
  }
  return temporal_median(map_images(
      images, [&](const cv::Mat& image) { return take_light(image, best->field_of(image)); }));
}

}  // namespace

double unexplained_share(const std::vector<cv::Mat>& images) {
  const std::vector<cv::Mat> small = some_small(images);
  return share_left(small, temporal_median(small));
}

double unexplained_share(const std::vector<cv::Mat>& images, const Light& light) {
  return share_left(some_small(images), light);
}

std::shared_ptr<const Light> find_light(const std::vector<cv::Mat>& images,
                                        const cv::Mat& background, bool is_known) {
  constexpr double kLeastShare = 0.05, kGain = 0.5;
  const std::vector<cv::Mat> small = some_small(images);
  const cv::Mat reference =
      background.empty() ? temporal_median(small) : at_most_so_wide(background, kWidth);
  if (is_known) return std::make_shared<const Light>(reference);
  const double with_gain = share_left(small, reference);
  if (with_gain < kLeastShare) return nullptr;
  const auto light = std::make_shared<const Light>(
      background.empty() ? background_in_one_light(small) : reference);
  return share_left(small, *light) <= kGain * with_gain ? light : nullptr;
}

}  // namespace proxseg
