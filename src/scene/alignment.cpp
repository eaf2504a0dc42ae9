#include "proxseg/scene/alignment.h"

#include <algorithm>
#include <iterator>
#include <opencv2/calib3d.hpp>
#include <opencv2/core/utility.hpp>
#include <opencv2/imgproc.hpp>
#include <opencv2/video/tracking.hpp>

#include "proxseg/media/transform.h"
#include "proxseg/scene/background.h"
#include "scene/images.h"

namespace proxseg {
namespace {

constexpr size_t kFewestCorners = 10;
constexpr int64_t kEnoughToTell = 32;  // images: whether the camera moves

cv::Mat identity() { return cv::Mat::eye(2, 3, CV_64F); }

// First b, then a.
cv::Mat composed(const cv::Mat& a, const cv::Mat& b) {
  cv::Mat square = cv::Mat::eye(3, 3, CV_64F);
  b.copyTo(square.rowRange(0, 2));
  return a * square;
}

// What frames are told apart by.
cv::Mat look_at(const cv::Mat& gray) {
  constexpr int kColumns = 48;
  return resize_to_width(gray, kColumns);
}

cv::Point2d apply(const cv::Mat& transform, cv::Point2d p) {
  const auto* t = transform.ptr<double>();
  return {t[0] * p.x + t[1] * p.y + t[2], t[3] * p.x + t[4] * p.y + t[5]};
}

bool moves(const std::vector<cv::Mat>& transforms, cv::Size size) {
  const auto off_by_more_than = [&](double pixels) {
    return static_cast<size_t>(std::ranges::count_if(
        transforms, [&](const cv::Mat& t) { return largest_shift(t, size) > pixels; }));
  };
  return 2 * off_by_more_than(1.5) > transforms.size() ||
         10 * off_by_more_than(3.0) > transforms.size();
}

// Whether three quarters of the images can be brought onto the reference: else the camera moves too
// far for one.
bool holds(const Alignment& alignment, const std::vector<cv::Mat>& images) {
  const auto some = some_of(images, kEnoughToTell);
  const auto found = std::ranges::count_if(
      some, [&](const cv::Mat& image) { return alignment.find_transform(image).has_value(); });
  return 4 * static_cast<size_t>(found) >= 3 * some.size();
}

}  // namespace

double largest_shift(const cv::Mat& transform, cv::Size size) {
  double shift = 0.0;
  for (const double x : {0.0, size.width - 1.0}) {
    for (const double y : {0.0, size.height - 1.0}) {
      shift = std::max(shift, cv::norm(apply(transform, {x, y}) - cv::Point2d(x, y)));
    }
  }
  return shift;
}

Alignment::Alignment(const cv::Mat& reference) : gray_(at_automatic_scale(to_gray(reference))) {
  constexpr int kMostCorners = 400;
  constexpr double kQuality = 0.01, kDistance = 6.0;
  cv::goodFeaturesToTrack(gray_, corners_, kMostCorners, kQuality, kDistance);
}

std::optional<cv::Mat> Alignment::find_transform(const cv::Mat& frame) const {
  const cv::Mat gray = resize_frame(to_gray(frame), gray_.size());
  std::optional<cv::Mat> transform = refine(gray, identity());
  if (!transform && !known_.empty()) transform = refine(gray, nearest_known(gray));
  if (transform) transform->col(2) *= static_cast<double>(frame.cols) / gray_.cols;
  return transform;
}

void Alignment::follow(const std::vector<cv::Mat>& images) {
  const auto middle = images.begin() + static_cast<std::ptrdiff_t>(images.size() / 2);
  const auto follow_from_the_middle = [&](auto image, auto end) {
    for (cv::Mat last = identity(); image != end; ++image) {
      const cv::Mat gray = resize_frame(to_gray(*image), gray_.size());
      std::optional<cv::Mat> transform = refine(gray, last);
      if (!transform) transform = refine(gray, identity());
      if (!transform) continue;
      last = *transform;
      known_.push_back({look_at(gray), last});
    }
  };
  follow_from_the_middle(middle, images.end());
  follow_from_the_middle(std::make_reverse_iterator(middle), images.rend());
}

cv::Mat Alignment::nearest_known(const cv::Mat& gray) const {
  const cv::Mat look = look_at(gray);
  const auto distance_to = [&](const Known& known) {
    return cv::norm(look, known.look, cv::NORM_L1);
  };
  return std::ranges::min_element(known_, {}, distance_to)->transform;
}

std::optional<cv::Mat> Alignment::refine(const cv::Mat& gray, const cv::Mat& guess) const {
  constexpr float kMostError = 30.0F;     // mean difference of a tracked patch, in grey levels
  constexpr double kTolerance = 1.0;      // pixels
  constexpr double kLeastAgreeing = 0.2;  // of the corners; about 0.1 agree by chance
  if (corners_.size() < kFewestCorners) return std::nullopt;
  const cv::Mat near = align(gray, guess, gray.size());
  std::vector<cv::Point2f> tracked, there, here;
  std::vector<uchar> found;
  std::vector<float> error;
  cv::calcOpticalFlowPyrLK(gray_, near, corners_, tracked, found, error);
  for (size_t i = 0; i < corners_.size(); ++i) {
    if (found[i] == 0 || error[i] > kMostError) continue;
    there.push_back(tracked[i]);
    here.push_back(corners_[i]);
  }
  if (here.size() < kFewestCorners) return std::nullopt;
  cv::Mat agree;
  const cv::Mat rest = cv::estimateAffinePartial2D(there, here, agree, cv::RANSAC, kTolerance);
  if (rest.empty() || cv::countNonZero(agree) < kLeastAgreeing * agree.rows) return std::nullopt;
  const cv::Mat transform = composed(rest, guess);
  if (brings_nearer(gray, transform)) return transform;
  // Less than a pixel may be the noise's.
  if (largest_shift(transform, gray.size()) < 1.0) return identity();
  return std::nullopt;
}

cv::Mat Alignment::transform_of(const cv::Mat& frame) const {
  return find_transform(frame).value_or(identity());
}

// By the mean of min(|difference|, 40) where both show something: objects differ anyway, and count
// no more than that.
bool Alignment::brings_nearer(const cv::Mat& gray, const cv::Mat& transform) const {
  constexpr double kMost = 40.0, kLeastShared = 0.5;
  cv::Mat shown;
  cv::warpAffine(cv::Mat(gray.size(), CV_8U, cv::Scalar(255)), shown, transform, gray.size(),
                 cv::INTER_NEAREST);
  const auto distance_to = [&](const cv::Mat& image) {
    cv::Mat difference;
    cv::absdiff(image, gray_, difference);
    return cv::mean(cv::min(difference, kMost), shown)[0];
  };
  return cv::mean(shown)[0] >= kLeastShared * 255.0 &&
         distance_to(align(gray, transform, gray.size())) < distance_to(gray);
}

cv::Mat align(const cv::Mat& image, const cv::Mat& transform, cv::Size canvas) {
  cv::Mat aligned;
  cv::warpAffine(image, aligned, transform, canvas, cv::INTER_LINEAR, cv::BORDER_REPLICATE);
  return aligned;
}

cv::Mat align(const cv::Mat& image, const cv::Mat& transform, const cv::Mat& background) {
  cv::Mat aligned = background.clone();
  cv::warpAffine(image, aligned, transform, aligned.size(), cv::INTER_LINEAR,
                 cv::BORDER_TRANSPARENT);
  return aligned;
}

cv::Mat unalign(const cv::Mat& image, const cv::Mat& transform, cv::Size frame) {
  cv::Mat back;
  cv::warpAffine(image, back, transform, frame, cv::INTER_LINEAR | cv::WARP_INVERSE_MAP);
  return back;
}

std::shared_ptr<const Alignment> find_motion(const std::vector<cv::Mat>& images) {
  Alignment first(images[images.size() / 2]);
  const auto transform_of = [&](const cv::Mat& image) { return first.transform_of(image); };
  if (!moves(map_images(some_of(images, kEnoughToTell), transform_of), images[0].size()))
    return nullptr;
  first.follow(images);
  auto alignment =
      std::make_shared<Alignment>(temporal_median(map_images(images, [&](const cv::Mat& image) {
        return align(image, transform_of(image), image.size());
      })));
  alignment->follow(images);
  return holds(*alignment, images) ? alignment : nullptr;
}

}  // namespace proxseg
