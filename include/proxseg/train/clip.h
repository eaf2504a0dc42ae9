// The frames that a network is trained on, in memory.
#pragma once

#include <torch/types.h>

#include <opencv2/core.hpp>
#include <string>
#include <vector>

#include "proxseg/config/load.h"
#include "proxseg/media/source.h"
#include "proxseg/scene/decomposition.h"

namespace proxseg {

struct Clip {
  torch::Tensor frames;  // [T, C, H, W] uint8, C = 1 or 3 (BGR)
  SceneTensors scene;
  std::vector<std::string> names;  // of the T frames
  std::vector<std::string> skipped;
  SequenceInfo info;
};

// Replaces input.scale = 0 by automatic_scale() of the sequence's frames. Throws InputError as
// open_source() does.
void settle_scale(ResolvedRecipe& resolved, const std::string& path);

// Reads the sequence once, keeps at most recipe.train.max_frames frames spread evenly over it, and
// models the scene by them. Throws InputError as open_source() and
// model_scene() do.
Clip load_clip(const std::string& path, const Recipe& recipe);

}  // namespace proxseg
