#include "scene/known_scene.h"

#include <opencv2/imgproc.hpp>
#include <utility>

#include "proxseg/media/transform.h"
#include "proxseg/scene/exposure.h"
#include "scene/images.h"
#include "scene/picture.h"
#include "scene/relearning.h"

namespace proxseg {

KnownScene::KnownScene(int64_t number, SceneState state, double now) {
  constexpr double kUsual = 0.05;
  id = number;
  since = seen = learned = now;
  usual = kUsual;
  set_scene(std::move(state));
}

KnownScene::KnownScene(const Known& known, int64_t most_samples) : Known(known) {
  samples.clear();
  for (const Sample& sample : known.samples) add_sample(samples, sample, most_samples);
  set_scene(known.scene);
}

void KnownScene::set_scene(SceneState state) {
  constexpr double kUnits = 1.5, kLeast = 10.0, kUsual = 20.0;  // grey levels
  scene = std::move(state);
  small_ = at_most_so_wide(scene.background, kSmallWidth);
  light_ = std::make_shared<Light>(scene.background);
  if (scene.scale.empty()) {
    limit_ = cv::Mat(small_.size(), CV_8U, cv::Scalar(kUnits * kUsual));
  } else {
    cv::Mat limit;
    at_most_so_wide(scene.scale, kSmallWidth).convertTo(limit, CV_8U, kUnits * 255.0);
    limit_ = cv::max(limit, kLeast);
  }
}

ComparedFrame KnownScene::compare(const cv::Mat& frame, bool follow_exposure) const {
  constexpr double kLeastShare = 0.05, kTimes = 0.5;
  const cv::Mat picture = resize_frame(aligned_view_of(frame, scene).aligned, small_.size());
  ComparedFrame compared = compare_small(picture, follow_exposure);
  if (!follow_exposure || compared.share < kLeastShare) return compared;
  ComparedFrame lit =
      compare_small(take_light(picture, light_->field_of(picture)), follow_exposure);
  if (lit.share > kTimes * compared.share) return compared;
  lit.is_lit = true;
  return lit;
}

ComparedFrame KnownScene::compare_small(const cv::Mat& picture, bool follow_exposure) const {
  ComparedFrame compared;
  compared.picture = picture;
  compared.limit = limit_;
  compared.gain = follow_exposure ? exposure_gain(picture, small_) : 1.0;
  compared.background = small_ * compared.gain;
  cv::medianBlur(difference_of(picture, compared.background) > limit_, compared.off, 3);
  compared.share = share_of(compared.off);
  return compared;
}

cv::Rect KnownScene::frame_in_small() const {
  return scaled_box(scene.frame_area(), scene.background.size(), small_size()) &
         cv::Rect({}, small_size());
}

bool KnownScene::fits(double share_off) const {
  constexpr double kTimes = 2.0, kMore = 0.03;
  return share_off <= kTimes * usual + kMore;
}

}  // namespace proxseg
