// Frames of mixed ages, to learn a background from.
#pragma once

#include <cstdint>
#include <opencv2/core.hpp>
#include <vector>

#include "proxseg/scene/follower_state.h"

namespace proxseg {

// At most `capacity` of the samples that were added. Where there is one too many, that goes which
// is missed least: whose neighbours are nearest to each other, in proportion to its age. So the
// gaps grow with the age, and each span of time that is twice as long ago as another keeps as many.
class Samples {
 public:
  explicit Samples(int64_t capacity) : capacity_(static_cast<size_t>(capacity)) {}

  // In the order of time.
  void add(Sample sample);

  // Where region, 8UC1 of the masks' size, is not 0, only samples since then show the background.
  void renew(const cv::Mat& region, double since);

  // Those before are no longer there.
  void forget_before(double seconds);

  // When the last few of them begin, as many as a background needs.
  double latest() const;

  const std::vector<Sample>& all() const { return samples_; }

 private:
  size_t capacity_;
  std::vector<Sample> samples_;
};

}  // namespace proxseg
