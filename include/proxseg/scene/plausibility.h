// Masks that can hardly be right, found without labels by counting pixels while the masks are made.
#pragma once

#include <cstdint>
#include <opencv2/core.hpp>
#include <string>
#include <vector>

namespace proxseg {

// What is counted of the masks of one sequence.
struct MaskFacts {
  int64_t frames = 0;  // of the sequence that were read; at least as many as masks
  int64_t masks = 0;   // looked at
  int64_t empty = 0;   // of those, without any foreground
  double share = 0.0;  // foreground pixels of all masks / their pixels; in [0, 1]

  // mask: any size, one channel, foreground where it is not 0. Counts a mask, not a frame.
  void add(const cv::Mat& mask);
};

enum class MaskMaker { kNetwork, kClassicalMethod };

// Whole sentences without a final stop, each with the likely reason and the setting to try: no
// foreground in any mask; foreground in more than a third of all pixels; one to three frames, from
// which nobody can tell objects from background. Empty where nothing is suspicious, and where no
// mask was looked at.
std::vector<std::string> doubts_about(const MaskFacts& facts, MaskMaker maker);

}  // namespace proxseg
