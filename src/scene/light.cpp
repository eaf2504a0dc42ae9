#include "proxseg/scene/light.h"

#include <algorithm>
#include <cmath>
#include <opencv2/imgproc.hpp>

#include "proxseg/media/transform.h"
#include "proxseg/scene/background.h"
#include "proxseg/scene/exposure.h"
#include "scene/images.h"

namespace proxseg {
namespace {

constexpr int kFieldWidth = 64;  // pixels
constexpr double kOffset = 4.0;  // o
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
    : logarithm_(logarithm_of(resize_to_width(background, kFieldWidth))) {}

cv::Mat Light::field_of(const cv::Mat& frame) const {
  cv::Mat bytes, field;
  const cv::Mat ratio = logarithm_of(resize_frame(frame, logarithm_.size())) - logarithm_;
  ratio.convertTo(bytes, CV_8U, kSteps, kEven);
  const int side = std::max(3, (std::min(bytes.rows, bytes.cols) / 2) | 1);
  median_of_windows(bytes, side).convertTo(field, CV_32F, 1.0 / kSteps, -kEven / kSteps);
  cv::GaussianBlur(field, field, {}, side / 6.0);
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
  constexpr double kAlike = 0.6, kLeastVariance = 4.0;
  constexpr int kSmooth = 11, kWindow = 15;
  cv::Mat inside;
  cv::Mat(where != 0).convertTo(inside, CV_32F, 1.0 / 255.0);
  const auto texture = [&](const cv::Mat& image) -> cv::Mat {
    cv::Mat values, smooth;
    to_gray(image).convertTo(values, CV_32F);
    cv::blur(values, smooth, {kSmooth, kSmooth});
    return (values - smooth).mul(inside);
  };
  const auto sum = [](const cv::Mat& values) -> cv::Mat {
    cv::Mat sums;
    cv::boxFilter(values, sums, CV_32F, {kWindow, kWindow}, {-1, -1}, /*normalize=*/false);
    return sums;
  };
  const cv::Mat d = texture(frame), b = texture(background);
  const cv::Mat dd = sum(d.mul(d)), bb = sum(b.mul(b)), least = sum(inside) * kLeastVariance;
  cv::Mat length;
  cv::sqrt(dd.mul(bb), length);
  return (sum(d.mul(b)) > kAlike * length) & (dd > least) & (bb > least) & (where != 0);
}

std::shared_ptr<const Light> find_light(const std::vector<cv::Mat>& images,
                                        const cv::Mat& background) {
  constexpr int64_t kMost = 32;
  constexpr double kLeastShare = 0.05, kGain = 0.5;
  const auto chosen = map_images(some_of(images, kMost), [](const cv::Mat& image) {
    return resize_to_width(image, kFieldWidth);
  });
  const cv::Mat reference =
      background.empty() ? temporal_median(chosen) : resize_to_width(background, kFieldWidth);
  auto light = std::make_shared<Light>(reference);
  double with_gain = 0.0, with_light = 0.0;
  for (const cv::Mat& small : chosen) {
    with_gain += share_of_differences(small, reference * exposure_gain(small, reference));
    with_light += share_of_differences(take_light(small, light->field_of(small)), reference);
  }
  const auto count = static_cast<double>(chosen.size());
  if (with_gain < kLeastShare * count || with_light > kGain * with_gain) return nullptr;
  return light;
}

}  // namespace proxseg
