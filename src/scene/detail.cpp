#include "proxseg/scene/detail.h"

#include <opencv2/core/utility.hpp>
#include <opencv2/imgproc.hpp>

#include "proxseg/core/error.h"
#include "proxseg/media/transform.h"
#include "proxseg/scene/background.h"
#include "proxseg/scene/coverage.h"
#include "proxseg/scene/exposure.h"
#include "proxseg/scene/light.h"
#include "scene/background_file.h"
#include "scene/images.h"

namespace proxseg {
namespace {

// T between images of one size as A T A^-1 between those of another, as cv::resize() has them:
//   A: x -> s x + (s - 1) / 2,   s = to / from
cv::Mat scaled_transform(const cv::Mat& transform, cv::Size from, cv::Size to) {
  const double sx = static_cast<double>(to.width) / from.width;
  const double sy = static_cast<double>(to.height) / from.height;
  const cv::Matx33d there(sx, 0.0, (sx - 1.0) / 2.0, 0.0, sy, (sy - 1.0) / 2.0, 0.0, 0.0, 1.0);
  const cv::Matx23d t = transform;
  const cv::Matx33d whole(t(0, 0), t(0, 1), t(0, 2), t(1, 0), t(1, 1), t(1, 2), 0.0, 0.0, 1.0);
  const cv::Matx33d scaled = there * whole * there.inv();
  return cv::Mat(scaled.get_minor<2, 3>(0, 0)).clone();
}

}  // namespace

cv::Mat enlarged_background(const SceneState& state, cv::Size frame) {
  const cv::Size size = scaled_canvas(state.background.size(), state.frame_size(), frame);
  if (size == state.background.size()) return state.background;
  cv::Mat enlarged;
  cv::resize(state.background, enlarged, size);
  return enlarged;
}

cv::Mat detailed_background(const std::vector<cv::Mat>& images, const SceneState& state,
                            const BackgroundOptions& options) {
  if (images.empty()) throw UsageError("detailed_background: needs at least one image");
  if (images[0].size() == state.frame_size()) return state.background;
  if (options.method == BackgroundMethod::kFile) {
    return read_background(options.file, state.background, images[0].size());
  }
  const cv::Mat background = enlarged_background(state, images[0].size());
  std::vector<cv::Mat> small(images.size()), detailed(images.size()), unseen(images.size());
  cv::parallel_for_({0, static_cast<int>(images.size())}, [&](const cv::Range& range) {
    for (auto i = static_cast<size_t>(range.start); i < static_cast<size_t>(range.end); ++i) {
      const SceneView view = view_of(resize_frame(images[i], state.frame_size()), state);
      small[i] = view.at(state.background.size());
      unseen[i] = view.transform.empty()
                      ? cv::Mat::zeros(small[i].size(), CV_8U)
                      : unseen_area(view.frame, view.transform, state.background.size());
      detailed[i] = detailed_view(images[i], view, background).at(background.size());
      if (!options.follow_exposure) continue;
      const double gain = exposure_gain(small[i], state.background);
      if (gain == 1.0) continue;
      for (cv::Mat* image : {&small[i], &detailed[i]}) *image = cv::Mat(*image / gain);
    }
  });
  if (options.method != BackgroundMethod::kSettled) return temporal_median(detailed, unseen);
  return temporal_median(detailed, either(covered_areas(at_automatic_scale(small),
                                                        at_automatic_scale(state.background)),
                                          unseen));
}

cv::Mat carried_detail(const cv::Mat& detail, const SceneState& from, const SceneState& to,
                       cv::Size frame) {
  const cv::Mat before = enlarged_background(from, frame);
  cv::Mat now = enlarged_background(to, frame);
  if (now.size() != detail.size() || before.size() != detail.size()) return now;
  cv::Mat fine, carried;
  cv::subtract(detail, before, fine, {}, CV_16S);
  cv::add(now, fine, carried, {}, CV_8U);
  now.copyTo(carried, visible_differences(now, before));
  return carried;
}

SceneView detailed_view(const cv::Mat& frame, const SceneView& view, const cv::Mat& background) {
  SceneView detailed = view;
  detailed.frame = frame.size();
  detailed.aligned = frame;
  if (!view.transform.empty()) {
    detailed.transform = scaled_transform(view.transform, view.frame, frame.size());
    detailed.aligned = align(frame, detailed.transform, background);
  }
  return detailed;
}

}  // namespace proxseg
