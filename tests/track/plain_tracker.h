// The simplest tracker, to compare with: boxes are the same object if they overlap enough, the best
// overlaps first; no motion, no memory (Bochinski et al., "High-speed tracking-by-detection without
// using image information", AVSS 2017, of whose two parameters this has one).
#pragma once

#include <algorithm>
#include <tuple>
#include <vector>

#include "proxseg/track/shape.h"

namespace proxseg {

class PlainTracker {
 public:
  struct Box {
    int64_t id;
    cv::Rect box;
  };

  std::vector<Box> update(const cv::Mat& mask) {
    std::vector<Box> now;
    for (const Shape& shape : components_of(mask)) now.push_back({0, shape.box});
    std::vector<std::tuple<double, size_t, size_t>> pairs;
    for (size_t i = 0; i < before_.size(); ++i) {
      for (size_t j = 0; j < now.size(); ++j) {
        const double shared = (before_[i].box & now[j].box).area();
        const double iou = shared / (before_[i].box.area() + now[j].box.area() - shared);
        if (iou >= 0.3) pairs.emplace_back(-iou, i, j);
      }
    }
    std::sort(pairs.begin(), pairs.end());
    std::vector<bool> is_used(before_.size(), false);
    for (const auto& [iou, i, j] : pairs) {
      if (is_used[i] || now[j].id > 0) continue;
      is_used[i] = true;
      now[j].id = before_[i].id;
    }
    for (Box& box : now) {
      if (box.id == 0) box.id = ++last_id_;
    }
    return before_ = now;
  }

 private:
  std::vector<Box> before_;
  int64_t last_id_ = 0;
};

}  // namespace proxseg
