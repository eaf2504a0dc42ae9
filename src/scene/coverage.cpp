#include "proxseg/scene/coverage.h"

#include <algorithm>
#include <array>
#include <atomic>
#include <cmath>
#include <opencv2/core/utility.hpp>
#include <opencv2/imgproc.hpp>
#include <optional>

#include "proxseg/core/statistics.h"
#include "proxseg/media/transform.h"
#include "proxseg/scene/components.h"
#include "proxseg/scene/mask.h"
#include "scene/images.h"
#include "scene/repetition.h"

namespace proxseg {
namespace {

constexpr int kMostRounds = 10;
constexpr double kBlobArea = 0.0004;   // smallest blob, as part of the image
constexpr double kGap = 1.0 / 16.0;    // pieces nearer than this part of the height are one object
constexpr double kContrast = 0.1;      // least |e(frame) - e(median)| / sum of contour edges e
constexpr double kPartContrast = 0.3;  // the same of a part of a contour ...
constexpr double kPartSide = 1.0 / 8.0;  // ... around a pixel, of the image's shorter side
constexpr double kGhostFrames = 0.05;    // ghosts in fewer frames are chance
constexpr int kSpread = 15;              // grey levels around the ghosts' median ...
constexpr double kAgreement = 0.6;       // ... that must hold so many of them ...
constexpr double kAgreementOfFew = 0.9;  // ... and so many where they are few ...
constexpr double kFewPerObject = 0.2;    // ... beside the objects there

cv::Mat disc(int side) { return cv::getStructuringElement(cv::MORPH_ELLIPSE, {side, side}); }

int odd(double length) { return static_cast<int>(length) | 1; }

// What part of the contrast of ordinary pictures, such as limits are made for, these can show, in the
// dark or in haze: min(1, mean of the background / 64, range of the images / 80), at least 1/4.
double contrast_shown(const std::vector<cv::Mat>& images, const cv::Mat& background) {
  constexpr double kOrdinaryLight = 64.0, kOrdinaryRange = 80.0, kLeast = 0.25;
  const double light = brightness_of(background) / kOrdinaryLight;
  return std::clamp(std::min(light, range_of(images) / kOrdinaryRange), kLeast, 1.0);
}

// Differences of more grey levels than this are no noise: 12 u + 1.5 q, but at most 25 u, or 1.75 m if that is more,
// and never more than 25. q and m are the medians over the image of each pixel's 0.9-quantile and median over
// time; u by contrast_shown().
double noise_limit(const std::vector<cv::Mat>& images, const cv::Mat& background) {
  constexpr double kQuiet = 12.0, kPerNoise = 1.5, kMost = 25.0;
  constexpr double kPerMedian = 1.75;
  constexpr int kStride = 4;
  const int channels = background.channels();
  std::vector<int> quantiles, medians;
  for (int y = 0; y < background.rows; y += kStride) {
    for (int x = 0; x < background.cols; x += kStride) {
      std::vector<int> differences;
      for (const cv::Mat& image : images) {
        int largest = 0;
        for (int b = x * channels; b < (x + 1) * channels; ++b) {
          largest = std::max(largest, std::abs(image.ptr(y)[b] - background.ptr(y)[b]));
        }
        differences.push_back(largest);
      }
      medians.push_back(quantile(differences, 0.5));
      quantiles.push_back(quantile(std::move(differences), 0.9));
    }
  }
  const double noise = quantile(std::move(quantiles), 0.5);
  const double shown = contrast_shown(images, background);
  const double usual = quantile(std::move(medians), 0.5);
  const double most = std::min(kMost, std::max(kMost * shown, kPerMedian * usual));
  return std::min(most, kQuiet * shown + kPerNoise * noise);
}

cv::Mat differences(const cv::Mat& image, const cv::Mat& background, double limit) {
  return majority(difference_of(image, background) > limit, 5);
}

int smallest_blob(cv::Size size) { return std::max(12, static_cast<int>(kBlobArea * size.area())); }

// Magnitude of the gradient, the largest over channels: 32FC1.
cv::Mat edges(const cv::Mat& image) {
  cv::Mat smooth, dx, dy, magnitude;
  cv::GaussianBlur(image, smooth, {3, 3}, 0);
  cv::Sobel(smooth, dx, CV_32F, 1, 0);
  cv::Sobel(smooth, dy, CV_32F, 0, 1);
  cv::magnitude(dx, dy, magnitude);
  return largest_over_channels(magnitude);
}

// A band along the contour, without the image's border, where a contour has no edge.
cv::Mat contour_of(const cv::Mat& blob, const cv::Rect& place, cv::Size image) {
  cv::Mat outer, inner;
  cv::dilate(blob, outer, {});
  cv::erode(blob, inner, {});
  cv::Mat contour = outer & ~inner;
  if (place.x == 0) contour.col(0) = 0;
  if (place.y == 0) contour.row(0) = 0;
  if (place.br().x == image.width) contour.col(contour.cols - 1) = 0;
  if (place.br().y == image.height) contour.row(contour.rows - 1) = 0;
  return contour;
}

Verdict judge(double frame_edges, double background_edges) {
  const double contrast =
      (frame_edges - background_edges) / (frame_edges + background_edges + 1e-6);
  if (contrast > kContrast) return Verdict::kObject;
  return contrast < -kContrast ? Verdict::kGhost : Verdict::kUndecided;
}

// 8SC1: a verdict on each pixel by the contour around it, for a blob that is neither as a whole: where
// an object hides a part of a ghost, the two are one blob.
cv::Mat judge_parts(const cv::Mat& frame_edges, const cv::Mat& background_edges,
                    const cv::Mat& contour, int side) {
  constexpr double kNoContour = 1e-3;
  cv::Mat difference = cv::Mat::zeros(contour.size(), CV_32F), sum = difference.clone();
  cv::subtract(frame_edges, background_edges, difference, contour);
  cv::add(frame_edges, background_edges, sum, contour);
  for (cv::Mat* values : {&difference, &difference, &sum, &sum}) {
    cv::blur(*values, *values, {side, side}, {-1, -1}, cv::BORDER_CONSTANT);
  }
  const cv::Mat limit = kPartContrast * sum + kNoContour;
  cv::Mat verdicts = cv::Mat::zeros(contour.size(), CV_8SC1);  // Verdict::kUndecided
  verdicts.setTo(static_cast<int>(Verdict::kObject), difference > limit);
  verdicts.setTo(static_cast<int>(Verdict::kGhost), -difference > limit);
  return verdicts;
}

// 8SC1: the verdict on the blob that each pixel is in, with a fringe.
cv::Mat judge_blobs(const cv::Mat& image, const cv::Mat& background,
                    const cv::Mat& background_edges, double limit) {
  const cv::Size size = image.size();
  const cv::Mat frame_edges = edges(image);
  cv::Mat blobs, labels, stats, centroids;
  cv::morphologyEx(differences(image, background, limit), blobs, cv::MORPH_CLOSE,
                   disc(odd(kGap * std::min(size.width, size.height))));
  const int count = cv::connectedComponentsWithStats(blobs, labels, stats, centroids, 8);
  cv::Mat verdicts = cv::Mat::zeros(size, CV_8SC1);  // Verdict::kUndecided
  for (int i = 1; i < count; ++i) {
    const int* blob = stats.ptr<int>(i);
    if (blob[cv::CC_STAT_AREA] < smallest_blob(size)) continue;
    const cv::Rect place = cv::Rect(blob[cv::CC_STAT_LEFT] - 4, blob[cv::CC_STAT_TOP] - 4,
                                    blob[cv::CC_STAT_WIDTH] + 8, blob[cv::CC_STAT_HEIGHT] + 8) &
                           cv::Rect({}, size);
    const cv::Mat inside = labels(place) == i;
    const cv::Mat contour = contour_of(inside, place, size);
    cv::Mat fringed;
    cv::dilate(inside, fringed, disc(5));
    const Verdict verdict = judge(cv::mean(frame_edges(place), contour)[0],
                                  cv::mean(background_edges(place), contour)[0]);
    if (verdict != Verdict::kUndecided) {
      verdicts(place).setTo(static_cast<int>(verdict), fringed);
      continue;
    }
    judge_parts(frame_edges(place), background_edges(place), contour,
                odd(kPartSide * std::min(size.width, size.height)))
        .copyTo(verdicts(place), fringed);
  }
  return verdicts;
}

// The images in which a pixel is a ghost, if those are enough to doubt the background there.
struct Ghosts {
  std::vector<const cv::Mat*> images;
  double agreement = kAgreement;  // which part of them must show one value
};

Ghosts ghosts_at(const std::vector<cv::Mat>& images, const std::vector<cv::Mat>& verdicts, int y,
                 int x) {
  Ghosts ghosts;
  double objects = 0;
  for (size_t i = 0; i < images.size(); ++i) {
    const auto verdict = static_cast<Verdict>(verdicts[i].at<schar>(y, x));
    if (verdict == Verdict::kGhost) ghosts.images.push_back(&images[i]);
    if (verdict == Verdict::kObject) ++objects;
  }
  const auto count = static_cast<double>(ghosts.images.size());
  const bool are_few = count < kFewPerObject * objects;
  const double least =
      std::max(are_few ? 5.0 : 3.0, std::floor(kGhostFrames * static_cast<double>(images.size())));
  if (count < least) ghosts.images.clear();
  if (are_few) ghosts.agreement = kAgreementOfFew;
  return ghosts;
}

// The value that they show at byte x of row y, if they agree on one.
std::optional<uchar> agreed_value(const Ghosts& ghosts, int y, int x) {
  std::vector<uchar> values;
  for (const cv::Mat* image : ghosts.images) values.push_back(image->ptr(y)[x]);
  const int median = upper_median(values);
  const auto near = std::count_if(values.begin(), values.end(), [median](int value) {
    return std::abs(value - median) <= kSpread;
  });
  if (static_cast<double>(near) < ghosts.agreement * static_cast<double>(values.size())) return {};
  return static_cast<uchar>(median);
}

// Puts what ghosts show in the place of the background; returns how many pixels changed visibly.
int replace_ghosts(const std::vector<cv::Mat>& images, const std::vector<cv::Mat>& verdicts,
                   cv::Mat& background) {
  constexpr int kVisible = 8;
  const int channels = background.channels();
  std::atomic<int> changed = 0;
  cv::parallel_for_({0, background.rows}, [&](const cv::Range& rows) {
    for (int y = rows.start; y < rows.end; ++y) {
      for (int x = 0; x < background.cols; ++x) {
        const Ghosts ghosts = ghosts_at(images, verdicts, y, x);
        if (ghosts.images.empty()) continue;
        std::array<uchar, 3> value{};
        bool agreed = true, visible = false;
        uchar* pixel = background.ptr(y) + x * channels;
        for (int c = 0; c < channels && agreed; ++c) {
          const auto channel = agreed_value(ghosts, y, x * channels + c);
          agreed = channel.has_value();
          value[static_cast<size_t>(c)] = channel.value_or(0);
          visible = visible || std::abs(channel.value_or(pixel[c]) - pixel[c]) > kVisible;
        }
        if (!agreed) continue;
        std::copy_n(value.begin(), channels, pixel);
        if (visible) ++changed;
      }
    }
  });
  return changed;
}

}  // namespace

double range_of(const std::vector<cv::Mat>& images) {
  constexpr int64_t kEnough = 48;  // images
  constexpr int kStride = 4;
  constexpr double kEnds = 0.01;
  std::vector<int> levels;
  for (const cv::Mat& image : some_of(images, kEnough)) {
    for (int y = 0; y < image.rows; y += kStride) {
      for (int b = 0; b < image.cols * image.channels(); b += kStride) {
        levels.push_back(image.ptr(y)[b]);
      }
    }
  }
  return quantile(levels, 1.0 - kEnds) - quantile(levels, kEnds);
}

Verdict verdict_on(const cv::Mat& blob, const cv::Mat& image, const cv::Mat& background) {
  const cv::Mat contour = contour_of(blob != 0, cv::Rect({}, blob.size()), blob.size());
  return judge(cv::mean(edges(image), contour)[0], cv::mean(edges(background), contour)[0]);
}

cv::Mat objects_before(const cv::Mat& image, const cv::Mat& background) {
  const double limit = noise_limit({image}, background);
  return judge_blobs(image, background, edges(background), limit) ==
         static_cast<int>(Verdict::kObject);
}

cv::Mat settled_background(const std::vector<cv::Mat>& images) {
  return settled_background(images, repeated_background(images));
}

cv::Mat settled_background(const std::vector<cv::Mat>& images, const cv::Mat& before) {
  constexpr int kFewChanges = 10;
  cv::Mat background = before.clone();
  const double limit = noise_limit(images, background);
  for (int round = 0; round < kMostRounds; ++round) {
    const cv::Mat background_edges = edges(background);
    const auto verdicts = map_images(images, [&](const cv::Mat& image) {
      return judge_blobs(image, background, background_edges, limit);
    });
    if (replace_ghosts(images, verdicts, background) < kFewChanges) break;
  }
  return background;
}

std::vector<cv::Mat> covered_areas(const std::vector<cv::Mat>& images, const cv::Mat& background) {
  const double limit = noise_limit(images, background);
  return map_images(images, [&](const cv::Mat& image) {
    cv::Mat closed, covered;
    cv::morphologyEx(differences(image, background, limit), closed, cv::MORPH_CLOSE, disc(7));
    flip_small_components(closed, 255, smallest_blob(closed.size()));
    cv::dilate(closed, covered, disc(5));
    return covered;
  });
}

}  // namespace proxseg
