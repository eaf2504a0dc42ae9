#include "scene/rest.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <opencv2/imgproc.hpp>

namespace proxseg {
namespace {

constexpr double kNever = std::numeric_limits<double>::infinity();
constexpr double kPatience = 0.4;     // seconds
constexpr double kAtOnce = 0.1;       // seconds
constexpr double kMostAtOnce = 0.75;  // of the pixels
constexpr double kSmallest = 0.0006;  // of the picture

RestingBlob describe(const cv::Mat& mask, const cv::Mat& since) {
  std::vector<double> times;
  for (int y = 0; y < mask.rows; ++y) {
    for (int x = 0; x < mask.cols; ++x) {
      if (mask.at<uchar>(y, x) != 0 && since.at<double>(y, x) < kNever) {
        times.push_back(since.at<double>(y, x));
      }
    }
  }
  RestingBlob blob{.mask = mask};
  blob.share = static_cast<double>(cv::countNonZero(mask)) / static_cast<double>(mask.total());
  if (times.empty()) return blob;
  std::ranges::sort(times);
  blob.since = times[times.size() * 3 / 4];
  const double middle = times[times.size() / 2];
  const auto together =
      std::ranges::count_if(times, [&](double time) { return std::abs(time - middle) <= kAtOnce; });
  blob.came_at_once =
      static_cast<double>(together) > kMostAtOnce * static_cast<double>(times.size());
  return blob;
}

}  // namespace

void RestingPixels::update(const cv::Mat& picture, const cv::Mat& off, const cv::Mat& limit,
                           double seconds) {
  if (look_.size() != picture.size() || look_.type() != picture.type()) {
    look_ = picture.clone();
    since_ = cv::Mat(picture.size(), CV_64F, cv::Scalar(kNever));
    seen_ = cv::Mat(picture.size(), CV_64F, cv::Scalar(-kNever));
  }
  now_ = seconds;
  const int channels = picture.channels();
  for (int y = 0; y < picture.rows; ++y) {
    const uchar *value = picture.ptr(y), *is_off = off.ptr(y), *most = limit.ptr(y);
    uchar* look = look_.ptr(y);
    auto *since = since_.ptr<double>(y), *seen = seen_.ptr<double>(y);
    for (int x = 0; x < picture.cols; ++x, value += channels, look += channels) {
      int difference = 0;
      for (int c = 0; c < channels; ++c) {
        difference = std::max(difference, std::abs(value[c] - look[c]));
      }
      const bool is_same = is_off[x] != 0 && difference <= most[x] && since[x] < kNever;
      if (is_same) {
        seen[x] = seconds;
      } else if (seconds - seen[x] > kPatience || since[x] == kNever) {
        since[x] = is_off[x] != 0 ? seconds : kNever;
        seen[x] = is_off[x] != 0 ? seconds : -kNever;
        std::copy_n(value, channels, look);
      }
    }
  }
}

cv::Mat RestingPixels::resting_since(double from, double to) const {
  if (since_.empty()) return {};
  return (since_ >= from) & (since_ <= to) & (seen_ >= now_ - kPatience);
}

std::vector<RestingBlob> RestingPixels::blobs(double seconds) const {
  if (since_.empty()) return {};
  cv::Mat resting = seen_ - since_ >= seconds, labels, stats, centroids;
  const cv::Mat disc = cv::getStructuringElement(cv::MORPH_ELLIPSE, {5, 5});
  cv::morphologyEx(resting, resting, cv::MORPH_CLOSE, disc);
  const int count = cv::connectedComponentsWithStats(resting, labels, stats, centroids, 8);
  const double smallest = std::max(8.0, kSmallest * static_cast<double>(resting.total()));
  std::vector<RestingBlob> blobs;
  for (int i = 1; i < count; ++i) {
    if (stats.at<int>(i, cv::CC_STAT_AREA) < smallest) continue;
    blobs.push_back(describe(labels == i, since_));
  }
  return blobs;
}

void RestingPixels::forget(const cv::Mat& region) {
  since_.setTo(kNever, region);
  seen_.setTo(-kNever, region);
}

}  // namespace proxseg
