// What rests before a background: an object, or a place that looks otherwise from now on.
#pragma once

#include <opencv2/core.hpp>
#include <optional>
#include <vector>

#include "proxseg/scene/follower_state.h"
#include "scene/known_scene.h"

namespace proxseg {

// A connected part of the picture that differs from the background and does not change.
struct RestingBlob {
  cv::Mat mask;        // 8UC1 of the pictures' size
  double since = 0.0;  // seconds: from when on three in four of its pixels have looked as they do
  double share = 0.0;  // of the picture
  bool came_at_once = false;  // most of it within a tenth of a second, as nothing does that moves
};

// Since when each pixel that differs from the background has looked the same. Of small pictures, all
// of one size and type.
class RestingPixels {
 public:
  // off, 8UC1: where the picture differs from its background. limit, 8UC1: more grey levels than this
  // are a change. A pixel may be another for `patience` seconds: something passes in front of it.
  void update(const cv::Mat& picture, const cv::Mat& off, const cv::Mat& limit, double seconds);

  // 255 where a pixel has looked the same since a time between the two.
  cv::Mat resting_since(double from, double to) const;

  // The parts that have not changed for so many seconds.
  std::vector<RestingBlob> blobs(double seconds) const;

  // Nothing rests any more within region, 8UC1.
  void forget(const cv::Mat& region);

 private:
  double now_ = 0.0;
  cv::Mat look_;   // what each pixel looked like when its rest began
  cv::Mat since_;  // 64FC1, +infinity for pixels of the background
  cv::Mat seen_;   // 64FC1: when it last looked like that
};

// A place that is background as it has looked since then.
struct NewBackground {
  cv::Mat mask;  // 8UC1, of small pictures
  double since = 0.0;
  const char* kind = "";  // of a SceneEvent
};

struct RestingObject : FollowerState::Standing {
  double seen = 0.0;  // seconds: when it was last there
};

// Looks at what rests: objects come and go, and what else rests is background. compared: the frame
// of now; absorb: as of FollowOptions.
std::vector<NewBackground> judge_what_rests(const RestingPixels& rest,
                                            const ComparedFrame& compared,
                                            std::optional<double> absorb, double now,
                                            std::vector<RestingObject>& objects);

// The mask of all that rests, and of the objects.
cv::Mat all_that_rests(const RestingPixels& rest, const std::vector<RestingObject>& objects,
                       cv::Size size);

}  // namespace proxseg
