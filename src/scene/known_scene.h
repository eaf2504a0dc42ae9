// A background that a follower knows, and how frames look beside it.
#pragma once

#include <limits>
#include <memory>
#include <opencv2/core.hpp>

#include "proxseg/scene/follower_state.h"

namespace proxseg {

constexpr double kForever = std::numeric_limits<double>::infinity();

// Pixels, at most, of the pictures that changes are looked for in.
constexpr int kSmallWidth = 160;

// A frame beside a background, both small.
struct ComparedFrame {
  cv::Mat picture;      // in the light of the background
  cv::Mat background;   // as the frame exposes it
  cv::Mat off;          // 8UC1: where they differ
  cv::Mat limit;        // 8UC1: more grey levels than this are no noise
  double share = 0.0;   // of off
  double gain = 1.0;    // the exposure
  bool is_lit = false;  // in a light that changes in parts of the picture
};

struct KnownScene : FollowerState::Known {
  double next = 0.0;            // when to learn it again, in seconds
  double next_sample = 0.0;     // when to take the next sample of it
  double last_lit = -kForever;  // when it was last seen in a light that changes in parts

  // A scene that comes up now.
  KnownScene(int64_t number, SceneState state, double now);
  // One that was known before; at most so many of its samples are kept.
  KnownScene(const Known& known, int64_t most_samples);

  void set_scene(SceneState state);

  // In a light that changes in parts of the picture where that explains what a gain of the whole one
  // does not.
  ComparedFrame compare(const cv::Mat& frame, bool follow_exposure) const;

  // Whether a frame of which such a share differs fits as well as frames usually do.
  bool fits(double share_off) const;

  cv::Size small_size() const { return small_.size(); }
  // What a frame covers of it: all but the background's margin.
  cv::Rect frame_in_small() const;

  // A light for scene, which may have none yet.
  const std::shared_ptr<const Light>& light() const { return light_; }

 private:
  ComparedFrame compare_small(const cv::Mat& picture, bool follow_exposure) const;

  cv::Mat small_, limit_;  // the background; as of ComparedFrame
  std::shared_ptr<const Light> light_;
};

}  // namespace proxseg
