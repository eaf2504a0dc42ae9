// The program's tracker and the plain one on the same masks.
#pragma once

#include <map>

#include "proxseg/eval/tracks.h"
#include "proxseg/tools/synth.h"
#include "proxseg/track/tracker.h"
#include "track/plain_tracker.h"

namespace proxseg {

class Followers {
 public:
  void add(const cv::Mat& mask) {
    ++frames_;
    for (const Track& track : tracker_.update(mask)) {
      ours_.push_back({frames_, track.id, track.shape.box});
    }
    for (const auto& [id, box] : plain_tracker_.update(mask)) plain_.push_back({frames_, id, box});
  }

  // Of both, what is seen in one frame only is left out, as the program leaves it out.
  std::vector<MotBox> ours() const { return lasting(ours_); }
  std::vector<MotBox> plain() const { return lasting(plain_); }

  TrackMeasures ours(const std::vector<MotBox>& truth) const {
    return measure_tracks(ours(), truth);
  }
  TrackMeasures plain(const std::vector<MotBox>& truth) const {
    return measure_tracks(plain(), truth);
  }

 private:
  static std::vector<MotBox> lasting(std::vector<MotBox> boxes) {
    std::map<int64_t, int> count;
    for (const MotBox& box : boxes) ++count[box.id];
    std::erase_if(boxes, [&](const MotBox& box) { return count[box.id] == 1; });
    return boxes;
  }

  int64_t frames_ = 0;
  Tracker tracker_;
  PlainTracker plain_tracker_;
  std::vector<MotBox> ours_, plain_;
};

struct TrackComparison {
  TrackMeasures ours, plain;
};

// On the true masks of a generated scene.
inline TrackComparison compare_trackers(const SynthOptions& options) {
  const SynthScene scene(options);
  Followers followers;
  std::vector<MotBox> truth;
  for (int64_t i = 0; i < options.frames; ++i) {
    const cv::Mat objects = scene.frame(i).objects;
    followers.add(objects != 0);
    double most = 0.0;
    cv::minMaxLoc(objects, nullptr, &most);
    for (int id = 1; id <= static_cast<int>(most); ++id) {
      const Shape shape = shape_of(objects == id);
      if (shape.area > 0) truth.push_back({i + 1, id, shape.box});
    }
  }
  return {followers.ours(truth), followers.plain(truth)};
}

}  // namespace proxseg
