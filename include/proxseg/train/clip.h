// The frames that a network is trained on, in memory.
#pragma once

#include <torch/types.h>

#include <opencv2/core.hpp>
#include <string>
#include <vector>

#include "proxseg/config/load.h"
#include "proxseg/media/source.h"

namespace proxseg {

struct Clip {
  torch::Tensor frames;      // [T, C, H, W] uint8, C = 1 or 3 (BGR)
  torch::Tensor background;  // B: [1, C, H, W] float32 in [0, 1]
  torch::Tensor roi;         // [1, 1, H, W] float32, 0 or 1; undefined where the sequence has none
  std::vector<std::string> names;  // of the T frames
  std::vector<std::string> skipped;
  SequenceInfo info;
};

// The scale at which frames of that size have at most 100,000 pixels, in hundredths; 1 for smaller
// ones. It stands in for input.scale = 0, so that training takes minutes whatever the camera.
double automatic_scale(cv::Size size);

// Replaces input.scale = 0 by automatic_scale() of the sequence's frames. Throws InputError as
// open_source() does.
void settle_scale(ResolvedRecipe& resolved, const std::string& path);

// Reads the sequence once, keeps at most recipe.train.max_frames frames spread evenly over it, and
// makes the reference background from them. Throws InputError as open_source() and
// reference_background() do.
Clip load_clip(const std::string& path, const Recipe& recipe);

}  // namespace proxseg
