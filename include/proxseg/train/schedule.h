// What a step sees and how fast it learns: pure functions of the recipe, the seed and the step, the
// same on every machine, so that nothing of them has to be saved to resume.
#pragma once

#include <cstdint>
#include <vector>

#include "proxseg/recipe/recipe.h"

namespace proxseg {

// Learning rate of step (from 0) of options.steps: linear warm-up over options.warmup steps, times
//   constant  1
//   cosine    (1 + cos(pi step/steps)) / 2
//   step      10^-floor(step / schedule_period)
double learning_rate_at(const TrainOptions& options, int64_t step);

// min(batch, frames) different indices in [0, frames), ascending. kFixed gives those of step 0 at
// every step.
std::vector<int64_t> sample_batch(Sampling sampling, int64_t frames, int64_t batch, uint64_t seed,
                                  int64_t step);

// Height and width, in pixels, below which frames are neither halved nor cut.
inline constexpr int64_t kLeastSide = 64;

// Whether step sees frames of half the width and height. side: the shorter one of the frames,
// pixels.
bool is_at_half_size(const TrainOptions& options, int64_t step, int64_t side);

// Part of a frame, pixels.
struct Window {
  int64_t top = 0, left = 0, height = 0, width = 0;
};

// A random window of share times the height and the width, share in (0, 1]; the whole frame where
// the window would be less than kLeastSide high or wide.
Window sample_window(double share, int64_t height, int64_t width, uint64_t seed, int64_t step);

}  // namespace proxseg
