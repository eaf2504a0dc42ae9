#include "scene/rest.h"

#include <algorithm>
#include <cmath>
#include <opencv2/imgproc.hpp>

#include "proxseg/scene/coverage.h"
#include "scene/picture.h"

namespace proxseg {
namespace {

constexpr double kPatience = 0.4;     // seconds
constexpr double kAtOnce = 0.1;       // seconds
constexpr double kMostAtOnce = 0.75;  // of the pixels
constexpr double kSmallest = 0.0006;  // of the picture
constexpr double kRestAtOnce = 0.6;   // seconds after which what came at once rests

RestingBlob describe(const cv::Mat& mask, const cv::Mat& since) {
  std::vector<double> times;
  for (int y = 0; y < mask.rows; ++y) {
    for (int x = 0; x < mask.cols; ++x) {
      if (mask.at<uchar>(y, x) != 0 && since.at<double>(y, x) < kForever) {
        times.push_back(since.at<double>(y, x));
      }
    }
  }
  RestingBlob blob{.mask = mask, .share = share_of(mask)};
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

// A place that is background; nothing for an object that rests.
std::optional<NewBackground> judge(const RestingBlob& blob, const ComparedFrame& compared,
                                   std::optional<double> absorb, double now,
                                   std::vector<RestingObject>& objects) {
  constexpr double kLarge = 0.04, kSame = 0.5, kTellable = 0.004;
  for (RestingObject& object : objects) {
    if (share_of(object.mask & blob.mask) < kSame * blob.share) continue;
    if (!absorb || now - object.since < *absorb) return std::nullopt;
    object.seen = -kForever;
    return NewBackground{object.mask | blob.mask, blob.since, "absorbed"};
  }
  const cv::Mat &picture = compared.picture, &background = compared.background;
  const Verdict verdict = verdict_on(blob.mask, picture, background);
  cv::Mat inner;
  cv::erode(blob.mask, inner, cv::Mat());
  const bool is_lit = blob.share > kTellable && cv::countNonZero(inner) > 0 &&
                      shows_same_texture(picture, background, inner);
  if (is_lit) return NewBackground{blob.mask, blob.since, "light"};
  if (verdict == Verdict::kGhost) return NewBackground{blob.mask, blob.since, "left"};
  if (blob.came_at_once && blob.share > kLarge && verdict != Verdict::kObject) {
    return NewBackground{blob.mask, blob.since, "light"};
  }
  objects.push_back({{blob.mask, blob.since}, now});
  return std::nullopt;
}

}  // namespace

void RestingPixels::update(const cv::Mat& picture, const cv::Mat& off, const cv::Mat& limit,
                           double seconds) {
  if (look_.size() != picture.size() || look_.type() != picture.type()) {
    look_ = picture.clone();
    since_ = cv::Mat(picture.size(), CV_64F, cv::Scalar(kForever));
    seen_ = cv::Mat(picture.size(), CV_64F, cv::Scalar(-kForever));
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
      const bool is_same = is_off[x] != 0 && difference <= most[x] && since[x] < kForever;
      if (is_same) {
        seen[x] = seconds;
      } else if (seconds - seen[x] > kPatience || since[x] == kForever) {
        since[x] = is_off[x] != 0 ? seconds : kForever;
        seen[x] = is_off[x] != 0 ? seconds : -kForever;
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
  since_.setTo(kForever, region);
  seen_.setTo(-kForever, region);
}

std::vector<NewBackground> judge_what_rests(const RestingPixels& rest,
                                            const ComparedFrame& compared,
                                            std::optional<double> absorb, double now,
                                            std::vector<RestingObject>& objects) {
  constexpr double kForgotten = 2.0, kRest = 3.0;  // seconds
  constexpr double kStillThere = 0.5, kLarge = 0.01, kMostOfIt = 0.6;
  for (RestingObject& object : objects) {
    const double there = share_of(compared.off & object.mask);
    if (there > kStillThere * share_of(object.mask)) object.seen = now;
  }
  std::erase_if(objects, [&](const auto& object) { return now - object.seen > kForgotten; });
  std::vector<NewBackground> found;
  for (const RestingBlob& blob : rest.blobs(kRestAtOnce)) {
    const bool rests = now - blob.since >= kRest || (blob.came_at_once && blob.share > kLarge);
    // A part of something that moves on is no thing of its own.
    if (!rests || blob.share <= kMostOfIt * share_of_components(compared.off, blob.mask)) continue;
    if (auto place = judge(blob, compared, absorb, now, objects)) found.push_back(*place);
  }
  return found;
}

cv::Mat all_that_rests(const RestingPixels& rest, const std::vector<RestingObject>& objects,
                       cv::Size size) {
  cv::Mat all = cv::Mat::zeros(size, CV_8U);
  for (const RestingBlob& blob : rest.blobs(kRestAtOnce)) all |= blob.mask;
  for (const RestingObject& object : objects) all |= object.mask;
  return all;
}

}  // namespace proxseg
