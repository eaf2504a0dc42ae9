// Masks that can hardly be right, found without labels by counting pixels while the masks are made.
#pragma once

#include <cstdint>
#include <opencv2/core.hpp>
#include <optional>
#include <string>
#include <vector>

namespace proxseg {

// What is counted of the masks of one sequence.
struct MaskFacts {
  int64_t frames = 0;  // of the sequence that were read; at least as many as masks
  int64_t masks = 0;   // looked at
  int64_t empty = 0;   // of those, without any foreground
  double share = 0.0;  // foreground pixels of all masks / their pixels; in [0, 1]

  // mask: any size, one channel, foreground where it is not 0. Counts a mask, not a frame; nothing if it is empty.
  void add(const cv::Mat& mask);
};

enum class MaskMaker { kNetwork, kClassicalMethod };

// Whole sentences without a final stop, each with the likely reason and the setting to try: no
// foreground in any mask; foreground in more than a third of all pixels; one to three frames, from
// which nobody can tell objects from background. Empty where nothing is suspicious, and where no
// mask was looked at.
std::vector<std::string> doubts_about(const MaskFacts& facts, MaskMaker maker);

// The same of the size of objects, as areas in parts of the frame: of the typical one, and of the
// smallest that the clean-up keeps. size: of the frames as the network sees them. Empty where objects
// are four times that or larger, and where there is none (0).
std::optional<std::string> doubt_about_size(double typical, double smallest, cv::Size size);

}  // namespace proxseg
