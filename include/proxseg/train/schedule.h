// The learning rate by step.
#pragma once

#include <cstdint>

#include "proxseg/config/recipe.h"

namespace proxseg {

// Learning rate of step (from 0) of options.steps: linear warm-up over options.warmup steps, times
//   constant  1
//   cosine    (1 + cos(pi step/steps)) / 2
//   step      10^-floor(step / schedule_period)
double learning_rate_at(const TrainOptions& options, int64_t step);

}  // namespace proxseg
