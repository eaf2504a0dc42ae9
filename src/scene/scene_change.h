// Whether a camera shows another scene, and what has changed.
#pragma once

#include <opencv2/core.hpp>

#include "proxseg/scene/follower.h"
#include "scene/known_scene.h"
#include "scene/rest.h"

namespace proxseg {

// Tells it from what moves or changes in the same scene.
class ChangeDetector {
 public:
  // since: from when on rest is known, in seconds.
  explicit ChangeDetector(double since = -kForever) : since_(since) {}

  // Whether most of the picture has changed at once and looks the same since, or differs for some time
  // although the background was learned again meanwhile. What changes bit by bit, as where clouds
  // pass, did so before, too. off, 8UC1: where the picture differs from its background.
  bool is_another_scene(const RestingPixels& rest, const cv::Mat& off, double now);

 private:
  double since_, everywhere_since_ = kForever;
};

// What has happened to the scene that the background is of. compared: the frame beside it.
SceneEvent cause_of_change(const ComparedFrame& compared, const cv::Mat& frame,
                           const cv::Mat& background, double now);

// Whether the camera turns between two small pictures.
bool is_turning(const cv::Mat& before, const cv::Mat& after);

}  // namespace proxseg
