#include "proxseg/scene/alignment.h"

#include <algorithm>
#include <iterator>
#include <opencv2/calib3d.hpp>
#include <opencv2/core/utility.hpp>
#include <opencv2/imgproc.hpp>
#include <opencv2/video/tracking.hpp>

#include "proxseg/media/transform.h"
#include "proxseg/scene/background.h"
#include "proxseg/scene/states.h"
#include "scene/images.h"
#include "scene/panorama.h"

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

// What frames are told apart by, in whatever exposure.
cv::Mat look_at(const cv::Mat& gray) {
  constexpr int kColumns = 48;
  const cv::Mat small = at_most_so_wide(gray, kColumns);
  return small * (128.0 / std::max(1.0, cv::mean(small)[0]));
}

cv::Point2d apply(const cv::Mat& transform, cv::Point2d p) {
  const auto* t = transform.ptr<double>();
  return {t[0] * p.x + t[1] * p.y + t[2], t[3] * p.x + t[4] * p.y + t[5]};
}

// Whether the camera of the images moves, by some of them.
bool moves(const Alignment& alignment, const std::vector<cv::Mat>& images) {
  const cv::Size size = images[0].size();
  const std::vector<cv::Mat> transforms =
      map_images(some_of(images, kEnoughToTell),
                 [&](const cv::Mat& image) { return alignment.transform_of(image); });
  const auto off_by_more_than = [&](double pixels) {
    return static_cast<size_t>(std::ranges::count_if(
        transforms, [&](const cv::Mat& t) { return largest_shift(t, size) > pixels; }));
  };
  return 2 * off_by_more_than(1.5) > transforms.size() ||
         10 * off_by_more_than(3.0) > transforms.size();
}

// Whether three quarters of the images are brought onto the reference: else the camera moves too far.
bool are_enough(int64_t found, size_t images) {
  return 4 * found >= 3 * static_cast<int64_t>(images);
}

bool holds(const Alignment& alignment, const std::vector<cv::Mat>& images) {
  const auto some = some_of(images, kEnoughToTell);
  const auto found = std::ranges::count_if(
      some, [&](const cv::Mat& image) { return alignment.find_transform(image).has_value(); });
  return are_enough(found, some.size());
}

// A list of transforms, in the order of the images; empty matrices where there is none.
using Transforms = std::vector<cv::Mat>;

int64_t count_found(const Transforms& transforms) {
  return std::ranges::count_if(transforms, [](const cv::Mat& t) { return !t.empty(); });
}

// Of each image onto the one in the middle, over key images between them: each is tracked from the
// last key; where it lies further from that than an eighth of the picture, it is the next.
Transforms chained(const std::vector<cv::Mat>& images) {
  constexpr double kNear = 1.0 / 8.0;  // of the shorter side
  const cv::Size size = images[0].size();
  const auto middle = static_cast<std::ptrdiff_t>(images.size() / 2);
  Transforms transforms(images.size());
  transforms[images.size() / 2] = identity();
  for (const std::ptrdiff_t step : {1, -1}) {
    std::ptrdiff_t key = middle, last = middle;
    auto alignment = std::make_unique<Alignment>(images[images.size() / 2]);
    const auto take_key = [&](std::ptrdiff_t i) {
      key = i;
      alignment = std::make_unique<Alignment>(images[static_cast<size_t>(i)]);
    };
    const auto end = step > 0 ? static_cast<std::ptrdiff_t>(images.size()) : -1;
    for (std::ptrdiff_t i = middle + step; i != end; i += step) {
      const cv::Mat& image = images[static_cast<size_t>(i)];
      auto from_key = alignment->find_transform(image);
      if (!from_key && key != last) {
        take_key(last);
        from_key = alignment->find_transform(image);
      }
      if (!from_key) continue;
      transforms[static_cast<size_t>(i)] =
          composed(transforms[static_cast<size_t>(key)], *from_key);
      last = i;
      if (largest_shift(*from_key, size) > kNear * std::min(size.width, size.height)) take_key(i);
    }
  }
  return transforms;
}

// The smallest upright rectangle around what a frame covers where its transform leads to.
cv::Rect2d place_of(const cv::Mat& transform, cv::Size frame) {
  cv::Rect2d place;
  for (const double x : {0.0, frame.width - 1.0}) {
    for (const double y : {0.0, frame.height - 1.0}) {
      place |= cv::Rect2d(apply(transform, {x, y}), cv::Size2d(1.0, 1.0));
    }
  }
  return place;
}

struct Extent {
  cv::Size margin;
  cv::Point origin;  // of the reference camera, which sees the middle of the canvas
};

// Of a canvas that holds what one in twenty images shows at least; of a frame if that is more than it may hold.
Extent extent_of(const Transforms& transforms, cv::Size frame, Canvas canvas) {
  constexpr double kFew = 0.05, kLargest = 4.0, kShake = 1.0 / 12.0;
  std::vector<double> left, top, right, bottom;
  for (const cv::Mat& transform : transforms) {
    const cv::Rect2d place = place_of(transform, frame);
    left.push_back(place.x);
    top.push_back(place.y);
    right.push_back(place.br().x);
    bottom.push_back(place.br().y);
  }
  const double x = quantile(left, kFew), y = quantile(top, kFew);
  const double width = quantile(right, 1.0 - kFew) - x, height = quantile(bottom, 1.0 - kFew) - y;
  const double beyond_x = std::max(0.0, (width - frame.width) / 2),
               beyond_y = std::max(0.0, (height - frame.height) / 2);
  const bool is_shake =
      std::max(beyond_x, beyond_y) <= kShake * std::min(frame.width, frame.height);
  const bool is_small = width * height <= kLargest * frame.area();
  if (!(canvas == Canvas::kShaken ? is_shake : is_small)) return {};
  return {
      .margin = {cvCeil(beyond_x), cvCeil(beyond_y)},
      .origin = {cvRound(x + (width - frame.width) / 2), cvRound(y + (height - frame.height) / 2)}};
}

cv::Mat moved(const cv::Mat& transform, cv::Point by) {
  cv::Mat result = transform.clone();
  result.at<double>(0, 2) += by.x;
  result.at<double>(1, 2) += by.y;
  return result;
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

Alignment::Alignment(const cv::Mat& reference, cv::Size margin)
    : reference_(reference), margin_(margin), home_(identity()) {
  constexpr double kMostCorners = 400.0;  // in what a frame covers
  constexpr double kQuality = 0.01, kDistance = 6.0;
  const cv::Size frame = reference.size() - margin * 2;
  frame_ = scaled_size(frame, 0.0);
  gray_ = resize_frame(to_gray(reference), scaled_canvas(reference.size(), frame, frame_));
  home_.at<double>(0, 2) = 0.5 * (gray_.cols - frame_.width);
  home_.at<double>(1, 2) = 0.5 * (gray_.rows - frame_.height);
  const double corners = kMostCorners * gray_.size().area() / frame_.area();
  cv::goodFeaturesToTrack(gray_, corners_, static_cast<int>(corners), kQuality, kDistance);
}

std::optional<cv::Mat> Alignment::find_transform(const cv::Mat& frame) const {
  const cv::Mat gray = resize_frame(to_gray(frame), frame_);
  std::optional<cv::Mat> transform;
  if (!has_margin()) transform = refine(gray, home_);
  if (!transform && !known_.empty()) transform = refine(gray, nearest_known(gray));
  if (!transform && has_margin()) transform = refine(gray, home_);
  if (transform) transform->col(2) *= static_cast<double>(frame.cols) / frame_.width;
  return transform;
}

void Alignment::follow(const std::vector<cv::Mat>& images) {
  const auto middle = images.begin() + static_cast<std::ptrdiff_t>(images.size() / 2);
  const auto follow_from_the_middle = [&](auto image, auto end) {
    for (cv::Mat last = home_; image != end; ++image) {
      const cv::Mat gray = resize_frame(to_gray(*image), frame_);
      std::optional<cv::Mat> transform = refine(gray, last);
      if (!transform) transform = refine(gray, home_);
      if (!transform) continue;
      last = *transform;
      known_.push_back({look_at(gray), last});
    }
  };
  follow_from_the_middle(middle, images.end());
  follow_from_the_middle(std::make_reverse_iterator(middle), images.rend());
}

void Alignment::follow(const std::vector<cv::Mat>& images, const std::vector<cv::Mat>& guesses) {
  for (size_t i = 0; i < images.size(); ++i) {
    const cv::Mat gray = resize_frame(to_gray(images[i]), frame_);
    cv::Mat guess = guesses[i].clone();
    guess.col(2) *= static_cast<double>(frame_.width) / images[i].cols;
    const auto transform = refine(gray, guess);
    if (transform) known_.push_back({look_at(gray), *transform});
  }
}

bool Alignment::explains(const cv::Mat& frame) const {
  const auto transform = find_transform(frame);
  return transform && show_one_state(frame, unalign(reference_, *transform, frame.size()));
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
  constexpr double kMostGain = 2.0;       // of the exposure
  if (corners_.size() < kFewestCorners) return std::nullopt;
  cv::Mat near = align(gray, guess, gray_.size());
  const cv::Mat unseen = unseen_area(frame_, guess, gray_.size()), shown = unseen == 0;
  const double gain =
      std::clamp(cv::mean(gray_, shown)[0] / std::max(1.0, cv::mean(near, shown)[0]),
                 1.0 / kMostGain, kMostGain);
  near *= gain;
  std::vector<cv::Point2f> corners, tracked, there, here;
  for (const cv::Point2f corner : corners_) {
    if (!has_margin() || unseen.at<uchar>(cv::Point(corner)) == 0) corners.push_back(corner);
  }
  if (corners.size() < kFewestCorners) return std::nullopt;
  std::vector<uchar> found;
  std::vector<float> error;
  cv::calcOpticalFlowPyrLK(gray_, near, corners, tracked, found, error);
  for (size_t i = 0; i < corners.size(); ++i) {
    if (found[i] == 0 || error[i] > kMostError) continue;
    there.push_back(tracked[i]);
    here.push_back(corners[i]);
  }
  if (here.size() < kFewestCorners) return std::nullopt;
  cv::Mat agree;
  const cv::Mat rest = cv::estimateAffinePartial2D(there, here, agree, cv::RANSAC, kTolerance);
  if (rest.empty() || cv::countNonZero(agree) < kLeastAgreeing * agree.rows) return std::nullopt;
  const cv::Mat transform = composed(rest, guess);
  if (brings_nearer(gray * gain, transform)) return transform;
  // Less than a pixel may be the noise's.
  if (largest_shift(transform - home_ + identity(), frame_) < 1.0) return home_.clone();
  return std::nullopt;
}

cv::Mat Alignment::transform_of(const cv::Mat& frame) const {
  if (auto transform = find_transform(frame)) return *transform;
  cv::Mat home = home_.clone();
  home.col(2) *= static_cast<double>(frame.cols) / frame_.width;
  return home;
}

// By the mean of min(|difference|, 40) where both show something: objects differ anyway, and count
// no more than that.
bool Alignment::brings_nearer(const cv::Mat& gray, const cv::Mat& transform) const {
  constexpr double kMost = 40.0, kLeastShared = 0.5;
  const cv::Mat shown = unseen_area(frame_, transform, gray_.size()) == 0;
  const auto distance_with = [&](const cv::Mat& other) {
    cv::Mat difference;
    cv::absdiff(align(gray, other, gray_.size()), gray_, difference);
    return cv::mean(cv::min(difference, kMost), shown)[0];
  };
  // A camera that has zoomed in covers less than a frame.
  const double zoom = cv::determinant(transform.colRange(0, 2));
  return cv::countNonZero(shown) >= kLeastShared * std::min(1.0, zoom) * frame_.area() &&
         distance_with(transform) < distance_with(home_);
}

cv::Mat unseen_area(cv::Size frame, const cv::Mat& transform, cv::Size canvas) {
  cv::Mat unseen(canvas, CV_8U, cv::Scalar(255));
  cv::warpAffine(cv::Mat::zeros(frame, CV_8U), unseen, transform, canvas, cv::INTER_NEAREST,
                 cv::BORDER_TRANSPARENT);
  return unseen;
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

std::shared_ptr<const Alignment> find_motion(const std::vector<cv::Mat>& images, Canvas canvas) {
  const cv::Size frame = images[0].size();
  Alignment first(images[images.size() / 2]);
  if (!moves(first, images)) return nullptr;
  first.follow(images);
  Transforms transforms = map_images(images, [&](const cv::Mat& image) {
    return first.find_transform(image).value_or(cv::Mat());
  });
  const auto count = static_cast<int64_t>(images.size());
  if (canvas == Canvas::kWhole && 20 * count_found(transforms) < 19 * count) {
    Transforms chain = chained(images);
    if (count_found(chain) > count_found(transforms)) transforms = std::move(chain);
  }
  if (!are_enough(count_found(transforms), images.size())) return nullptr;
  std::vector<cv::Mat> shown = images;
  leave_out_lost(shown, transforms);
  const auto [margin, origin] = extent_of(transforms, frame, canvas);
  for (cv::Mat& transform : transforms) transform = moved(transform, cv::Point(margin) - origin);
  auto alignment = std::make_shared<Alignment>(
      panorama_of(shown, transforms, frame + margin * 2).median, margin);
  alignment->follow(shown, transforms);
  return holds(*alignment, images) ? alignment : nullptr;
}

std::shared_ptr<const Alignment> find_motion_onto(const cv::Mat& reference,
                                                  const std::vector<cv::Mat>& images) {
  auto alignment = std::make_shared<Alignment>(reference);
  if (!moves(*alignment, images)) return nullptr;
  alignment->follow(images);
  return holds(*alignment, images) ? alignment : nullptr;
}

}  // namespace proxseg
