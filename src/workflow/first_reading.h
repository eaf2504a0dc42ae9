// The first of the two times that `run` reads its input: what is trained on and what the scene
// looks like at full size are learned at once.
#pragma once

#include <memory>
#include <optional>
#include <vector>

#include "proxseg/media/source.h"
#include "proxseg/recipe/recipe.h"
#include "proxseg/scene/scene_model.h"
#include "proxseg/train/clip.h"

namespace proxseg {

// Known once all frames have been read.
struct Learned {
  std::optional<SceneModel> scene;  // as scene_of() models it
  std::vector<int64_t> numbers;     // Frame::number of each frame
};

// For recipes that take all frames: scenes are of the whole sequence, whichever part is trained on.
bool can_share_reading(const Recipe& recipe);

// Opens sequences as open_source() does, and learns beside.
OpenSource learning_beside(const Recipe& recipe, std::shared_ptr<Learned> learned);

}  // namespace proxseg
