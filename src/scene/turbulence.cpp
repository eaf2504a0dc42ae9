#include "scene/turbulence.h"

#include <algorithm>
#include <cmath>
#include <opencv2/imgproc.hpp>
#include <vector>

#include "proxseg/core/statistics.h"
#include "proxseg/media/transform.h"

namespace proxseg {
namespace {

// 32FC1.
cv::Mat slope_of(const cv::Mat& background) {
  constexpr double kUnit = 1.0 / (8.0 * 255.0);
  const cv::Mat gray = to_gray(background);
  cv::Mat dx, dy, slope;
  cv::Sobel(gray, dx, CV_32F, 1, 0, 3, kUnit);
  cv::Sobel(gray, dy, CV_32F, 0, 1, 3, kUnit);
  cv::magnitude(dx, dy, slope);
  cv::GaussianBlur(slope, slope, {}, 2.0);
  return slope;
}

}  // namespace

double movement_of_edges(const cv::Mat& noise, const cv::Mat& background) {
  constexpr double kLeastSlope = 3.0 / 255.0, kDeviations = 1.645;
  constexpr size_t kFewest = 20;  // pixels
  const cv::Mat slope = slope_of(background);
  const std::vector<float> slopes(slope.begin<float>(), slope.end<float>());
  const std::vector<float> noises(noise.begin<float>(), noise.end<float>());
  const double even = quantile(slopes, 0.5);
  const double edge = std::max<double>(quantile(slopes, 0.9), kLeastSlope);
  std::vector<float> still;
  for (size_t i = 0; i < slopes.size(); ++i) {
    if (slopes[i] <= even) still.push_back(noises[i]);
  }
  const double n = quantile(std::move(still), 0.5);
  std::vector<double> movements;
  for (size_t i = 0; i < slopes.size(); ++i) {
    if (slopes[i] <= edge) continue;
    const double by_slope = std::sqrt(std::max(0.0, noises[i] * noises[i] - n * n));
    movements.push_back(by_slope / (kDeviations * slopes[i]));
  }
  return movements.size() < kFewest ? 0.0 : quantile(std::move(movements), 0.25);
}

cv::Mat without_turbulence(const cv::Mat& frame, const cv::Mat& background, int reach) {
  const cv::Mat around = cv::Mat::ones(2 * reach + 1, 2 * reach + 1, CV_8U);
  cv::Mat least, greatest, below, above, still;
  cv::erode(background, least, around);
  cv::dilate(background, greatest, around);
  cv::subtract(least, frame, below);  // 0 where it is not
  cv::subtract(frame, greatest, above);
  cv::add(background, above, still);
  cv::subtract(still, below, still);
  return still;
}

}  // namespace proxseg
