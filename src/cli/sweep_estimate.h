// What a sweep will cost, measured on its first trial.
#pragma once

#include <cstdint>
#include <string>

#include "proxseg/workflow/sweep/plan.h"

namespace proxseg::cli {

// Trains the first trial for a few steps in a temporary folder and says what that means for the
// `remaining` trials on so many jobs. Segmenting and measuring are left out, and so is whatever
// makes other trials slower or faster than the first. Throws what training throws.
std::string estimate_cost(const SweepPlan& plan, int64_t remaining, int64_t jobs, int64_t threads);

}  // namespace proxseg::cli
