#include "scene/scene_change.h"

#include <fmt/format.h>

#include <algorithm>

#include "proxseg/media/transform.h"
#include "proxseg/scene/alignment.h"
#include "scene/images.h"
#include "scene/picture.h"

namespace proxseg {

bool ChangeDetector::is_another_scene(const RestingPixels& rest, const cv::Mat& off, double now) {
  constexpr double kChanged = 0.08, kOff = 0.35, kWait = 6.0, kTimes = 2.0;
  constexpr double kBefore = 1.2, kFrom = 0.45, kTo = 0.2;  // seconds ago
  const cv::Mat at_once = rest.resting_since(now - kFrom, now - kTo);
  if (now - since_ > kBefore && is_almost_everywhere(at_once, kChanged) &&
      share_of(at_once) > kTimes * share_of(rest.resting_since(now - kBefore, now - kFrom))) {
    return true;
  }
  const bool everywhere = is_almost_everywhere(off, kOff);
  everywhere_since_ = everywhere ? std::min(everywhere_since_, now) : kForever;
  return now - everywhere_since_ >= kWait;
}

SceneEvent cause_of_change(const ComparedFrame& compared, const cv::Mat& frame,
                           const cv::Mat& background, double now) {
  constexpr double kFlat = 8.0, kColor = 10.0, kNoColor = 5.0;
  constexpr double kKnock = 0.1;  // of the shorter side
  cv::Scalar mean, deviation;
  cv::meanStdDev(to_gray(compared.picture), mean, deviation);
  if (deviation[0] < kFlat) return {"covered", now, "the picture shows nothing"};
  const double before = saturation_of(compared.background);
  const double after = saturation_of(compared.picture);
  if (before > kColor && after < kNoColor) return {"light", now, "colours are gone"};
  if (after > kColor && before < kNoColor) return {"light", now, "colours are back"};
  if (shows_same_texture(compared.picture, compared.background, {})) {
    return {"light", now, "almost everywhere"};
  }
  const auto transform = Alignment(background).find_transform(frame);
  const double shift = transform ? largest_shift(*transform, frame.size()) : kForever;
  if (shift < kKnock * std::min(frame.cols, frame.rows)) {
    return {"knock", now, fmt::format("by up to {:.0f} pixels", shift)};
  }
  return {"changed", now, "almost everywhere"};
}

bool is_turning(const cv::Mat& before, const cv::Mat& after) {
  constexpr double kVisible = 20.0, kMoving = 0.2;
  return before.size() == after.size() &&
         share_of(difference_of(before, after) > kVisible) >= kMoving;
}

}  // namespace proxseg
