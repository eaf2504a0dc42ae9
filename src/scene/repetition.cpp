#include "scene/repetition.h"

#include <algorithm>
#include <cmath>
#include <opencv2/imgproc.hpp>

#include "proxseg/media/transform.h"
#include "proxseg/scene/background.h"
#include "proxseg/scene/components.h"
#include "proxseg/scene/mask.h"
#include "scene/images.h"

namespace proxseg {
namespace {

constexpr double kSmallestDoubt = 0.0004;  // part of the image

// 255 where no channel of two images differs by more than the limit.
cv::Mat agreement(const cv::Mat& a, const cv::Mat& b, double limit) {
  return difference_of(a, b) <= limit;
}

// Grey levels within which two images of the background are, at least 10: 3 sqrt(2) times the
// standard deviation of the noise within an image, by the median of what a Laplacian leaves of it
// (Immerkaer 1996), which neither objects nor edges affect.
double agreement_limit(const cv::Mat& image) {
  constexpr double kLeast = 10.0, kMost = 20.0;
  const cv::Matx33f laplacian(1, -2, 1, -2, 4, -2, 1, -2, 1);  // of norm 6
  cv::Mat response;
  cv::filter2D(to_gray(image), response, CV_32F, laplacian);
  const double deviation = median_of(cv::abs(response)) / 0.6745 / 6.0;
  return std::clamp(3.0 * std::sqrt(2.0) * deviation, kLeast, kMost);
}

// 255 where fewer than half of the images agree with the median.
cv::Mat doubtful(const std::vector<cv::Mat>& images, const cv::Mat& median, double limit) {
  cv::Mat count(median.size(), CV_32S, cv::Scalar(0));
  for (const cv::Mat& image : images) {
    cv::add(count, 1, count, agreement(image, median, limit));
  }
  return 2 * count < static_cast<double>(images.size());
}

// How often the others repeat what image i shows at p and around it, the sum over j of
//   [I_i(p) and I_j(p) agree] max(0, 1 - 2 s),
// where s is the share of a window around p in which the two do not agree: 32FC1.
cv::Mat repetition(const std::vector<cv::Mat>& images, const cv::Mat& image, double limit) {
  constexpr double kWindow = 1.0 / 3.0;  // of the shorter side
  const int side = odd_side(kWindow, image.size());
  cv::Mat sum(image.size(), CV_32F, cv::Scalar(0)), share;
  for (const cv::Mat& other : images) {
    const cv::Mat agrees = agreement(image, other, limit);
    cv::blur(agrees, share, {side, side});
    // 255 (1 - 2 s) = 2 * 255 (1 - s) - 255, at least 0.
    cv::addWeighted(share, 2.0, share, 0.0, -255.0, share);
    cv::accumulate(share, sum, agrees);
  }
  return sum;
}

// The index of the image that the others repeat most, for each pixel: 8UC1.
cv::Mat most_repeated(const std::vector<cv::Mat>& images, double limit) {
  const auto repetitions =
      map_images(images, [&](const cv::Mat& image) { return repetition(images, image, limit); });
  cv::Mat index(images[0].size(), CV_8U, cv::Scalar(0)), most = repetitions[0].clone();
  for (size_t i = 1; i < repetitions.size(); ++i) {
    const cv::Mat more = repetitions[i] > most;
    index.setTo(static_cast<double>(i), more);
    repetitions[i].copyTo(most, more);
  }
  return index;
}

}  // namespace

cv::Mat repeated_background(const std::vector<cv::Mat>& images) {
  constexpr int64_t kEnough = 48;  // images to compare with each other
  cv::Mat background = temporal_median(images);
  const std::vector<cv::Mat> some = some_of(images, kEnough);
  const cv::Size half(std::max(1, background.cols / 2), std::max(1, background.rows / 2));
  const auto small =
      map_images(some, [&](const cv::Mat& image) { return resize_frame(image, half); });
  const double limit = agreement_limit(small[small.size() / 2]);
  cv::Mat doubts = doubtful(images, background, limit);
  flip_small_components(doubts, 255, kSmallestDoubt * static_cast<double>(doubts.total()));
  if (cv::countNonZero(doubts) == 0) return background;
  cv::Mat best, shown = background.clone();
  cv::resize(most_repeated(small, limit), best, background.size(), 0, 0, cv::INTER_NEAREST);
  for (size_t i = 0; i < some.size(); ++i) some[i].copyTo(shown, best == static_cast<double>(i));
  const auto others = map_images(
      images, [&](const cv::Mat& image) { return cv::Mat(~agreement(image, shown, limit)); });
  temporal_median(images, others).copyTo(background, doubts);
  return background;
}

}  // namespace proxseg
