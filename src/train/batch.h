// Some frames of one clip with their scene: the input of the network and of the loss.
#pragma once

#include <torch/types.h>

#include <string>
#include <vector>

#include "proxseg/recipe/recipe.h"
#include "proxseg/scene/decomposition.h"
#include "proxseg/train/clip.h"
#include "proxseg/train/schedule.h"

namespace proxseg {

// Frames of one scene, on the device that they are trained on.
struct Batch {
  torch::Tensor bytes;    // [N, C, H, W] uint8
  SceneTensors scene;     // on the device, too
  torch::Tensor gains;    // [N] float32, of the frames by exposure_gain(), on the device, too
  torch::Tensor shading;  // [N, 1, H, W] float32 by shading_of(); undefined: not told
  std::vector<std::string> names;

  // [count, C, H, W] float32 in [0, 1], from frame `first` on.
  torch::Tensor frames(int64_t first, int64_t count) const;
  // The scene in the light of the same frames.
  SceneTensors scene_of(int64_t first, int64_t count) const;
  // And in the shadows that fall there.
  SceneTensors shaded_scene_of(int64_t first, int64_t count) const;
  // The same of rows of pixels of all frames.
  SceneTensors shaded_rows_of(int64_t first, int64_t count) const;
};

// The frames of these indices, on the device of the clip's scene.
Batch batch_of(const Clip& clip, const std::vector<int64_t>& indices);

// The whole frames that a step draws. The steps take the clips in turn.
Batch batch_at(const Recipe& recipe, const std::vector<Clip>& clips, int64_t step);

// The same with its shading.
Batch with_shading(Batch batch);

// The same frames and scene in a window.
Batch in_window(const Batch& batch, const Window& window);

// The same frames and scene at half the width and height, means of 2 x 2 pixels.
Batch at_half_size(const Batch& batch);

}  // namespace proxseg
