// What a background is learned again from: frames of mixed ages.
#pragma once

#include <cstdint>
#include <future>
#include <opencv2/core.hpp>
#include <vector>

#include "proxseg/scene/follower_state.h"
#include "proxseg/scene/options.h"

namespace proxseg {

// Adds the latest one. Where there are more than `most`, that goes which is missed least: whose
// neighbours are nearest to each other, in proportion to its age. So the gaps grow with the age, and
// each span of time that is twice as long ago as another keeps as many.
void add_sample(std::vector<Sample>& samples, Sample sample, int64_t most);

// Where region, 8UC1 of the masks' size, is not 0, only samples since then show the background.
void renew(std::vector<Sample>& samples, const cv::Mat& region, double since);

// When the last few of them begin, as many as a background needs; 0 of none.
double latest_of(const std::vector<Sample>& samples);

struct Lesson {
  int64_t id;  // of the background
  std::vector<Sample> samples;
  bool by_masks;      // those of the samples say what is background
  SceneState before;  // as it is known
  BackgroundOptions options;
};
struct Learned {
  int64_t id;
  SceneState scene;
};

// beside: on another thread, of low priority; else it is there on return.
std::future<Learned> learn_again(Lesson lesson, bool beside);

}  // namespace proxseg
