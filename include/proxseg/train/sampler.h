// Which frames enter a step, and what part of them. Pure functions of seed and step, so that
// nothing has to be saved to resume, and the same on every machine.
#pragma once

#include <cstdint>
#include <vector>

#include "proxseg/recipe/recipe.h"

namespace proxseg {

// min(batch, frames) different indices in [0, frames), ascending. kFixed gives those of step 0 at
// every step.
std::vector<int64_t> sample_batch(Sampling sampling, int64_t frames, int64_t batch, uint64_t seed,
                                  int64_t step);

// Part of a frame, pixels.
struct Window {
  int64_t top = 0, left = 0, height = 0, width = 0;
};

// A random window of share times the height and the width, share in (0, 1]; the whole frame where
// the window would be less than kLeastSide (train/schedule.h) high or wide.
Window sample_window(double share, int64_t height, int64_t width, uint64_t seed, int64_t step);

}  // namespace proxseg
