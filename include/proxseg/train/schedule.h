// The learning rate and the size of the frames by step.
#pragma once

#include <cstdint>

#include "proxseg/recipe/recipe.h"

namespace proxseg {

// Learning rate of step (from 0) of options.steps: linear warm-up over options.warmup steps, times
//   constant  1
//   cosine    (1 + cos(pi step/steps)) / 2
//   step      10^-floor(step / schedule_period)
double learning_rate_at(const TrainOptions& options, int64_t step);

// Height and width, in pixels, below which frames are neither halved nor cut.
inline constexpr int64_t kLeastSide = 64;

// Whether step sees frames of half the width and height. side: the shorter one of the frames,
// pixels.
bool is_at_half_size(const TrainOptions& options, int64_t step, int64_t side);

}  // namespace proxseg
