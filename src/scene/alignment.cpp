#include "proxseg/scene/alignment.h"

#include <algorithm>
#include <cmath>
#include <opencv2/calib3d.hpp>
#include <opencv2/core/utility.hpp>
#include <opencv2/imgproc.hpp>
#include <opencv2/video/tracking.hpp>

#include "proxseg/core/text.h"
#include "proxseg/media/transform.h"
#include "proxseg/scene/background.h"

namespace proxseg {
namespace {

constexpr size_t kFewestCorners = 10;

cv::Mat identity() { return cv::Mat::eye(2, 3, CV_64F); }

cv::Point2d apply(const cv::Mat& transform, cv::Point2d p) {
  const auto* t = transform.ptr<double>();
  return {t[0] * p.x + t[1] * p.y + t[2], t[3] * p.x + t[4] * p.y + t[5]};
}

// How far the transform moves the corner of the image that it moves most, in pixels.
double largest_shift(const cv::Mat& transform, cv::Size size) {
  double shift = 0.0;
  for (const double x : {0.0, size.width - 1.0}) {
    for (const double y : {0.0, size.height - 1.0}) {
      shift = std::max(shift, cv::norm(apply(transform, {x, y}) - cv::Point2d(x, y)));
    }
  }
  return shift;
}

std::vector<cv::Mat> transforms_of(const std::vector<cv::Mat>& images, const Alignment& alignment) {
  std::vector<cv::Mat> transforms(images.size());
  cv::parallel_for_({0, static_cast<int>(images.size())}, [&](const cv::Range& range) {
    for (int i = range.start; i < range.end; ++i) {
      const auto k = static_cast<size_t>(i);
      transforms[k] = alignment.transform_of(images[k]);
    }
  });
  return transforms;
}

// Some of the images, enough to tell whether the camera shakes.
std::vector<cv::Mat> evenly_spread(const std::vector<cv::Mat>& images) {
  constexpr int64_t kMost = 32;
  std::vector<cv::Mat> chosen;
  for (const int64_t i : spread_evenly(kMost, static_cast<int64_t>(images.size()))) {
    chosen.push_back(images[static_cast<size_t>(i)]);
  }
  return chosen;
}

bool shakes(const std::vector<cv::Mat>& transforms, cv::Size size) {
  constexpr double kPixels = 1.5;
  const auto far = std::count_if(transforms.begin(), transforms.end(), [size](const cv::Mat& t) {
    return largest_shift(t, size) > kPixels;
  });
  return 2 * static_cast<size_t>(far) > transforms.size();
}

}  // namespace

Alignment::Alignment(const cv::Mat& reference) : gray_(at_automatic_scale(to_gray(reference))) {
  constexpr int kMostCorners = 400;
  constexpr double kQuality = 0.01, kDistance = 6.0;
  cv::goodFeaturesToTrack(gray_, corners_, kMostCorners, kQuality, kDistance);
}

cv::Mat Alignment::transform_of(const cv::Mat& frame) const {
  constexpr float kMostError = 30.0F;  // mean difference of a tracked patch, in grey levels
  constexpr double kTolerance = 1.0;   // pixels
  if (corners_.size() < kFewestCorners) return identity();
  const cv::Mat gray = resize_frame(to_gray(frame), gray_.size());
  std::vector<cv::Point2f> tracked, there, here;
  std::vector<uchar> found;
  std::vector<float> error;
  cv::calcOpticalFlowPyrLK(gray_, gray, corners_, tracked, found, error);
  for (size_t i = 0; i < corners_.size(); ++i) {
    if (found[i] == 0 || error[i] > kMostError) continue;
    there.push_back(tracked[i]);
    here.push_back(corners_[i]);
  }
  if (here.size() < kFewestCorners) return identity();
  cv::Mat transform = cv::estimateAffinePartial2D(there, here, {}, cv::RANSAC, kTolerance);
  if (transform.empty()) return identity();
  transform.col(2) *= static_cast<double>(frame.cols) / gray_.cols;
  return transform;
}

cv::Mat align(const cv::Mat& image, const cv::Mat& transform) {
  cv::Mat aligned;
  cv::warpAffine(image, aligned, transform, image.size(), cv::INTER_LINEAR, cv::BORDER_REPLICATE);
  return aligned;
}

cv::Mat unalign(const cv::Mat& image, const cv::Mat& transform) {
  cv::Mat back;
  cv::warpAffine(image, back, transform, image.size(), cv::INTER_LINEAR | cv::WARP_INVERSE_MAP);
  return back;
}

std::shared_ptr<const Alignment> find_shake(const std::vector<cv::Mat>& images) {
  const Alignment first(images[images.size() / 2]);
  if (!shakes(transforms_of(evenly_spread(images), first), images[0].size())) return nullptr;
  const auto transforms = transforms_of(images, first);
  std::vector<cv::Mat> aligned;
  for (size_t i = 0; i < images.size(); ++i) aligned.push_back(align(images[i], transforms[i]));
  return std::make_shared<Alignment>(temporal_median(aligned));
}

}  // namespace proxseg
