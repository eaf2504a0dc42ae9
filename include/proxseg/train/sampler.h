// Which frames enter a step. A pure function of seed and step, so that nothing has to be saved to
// resume.
#pragma once

#include <cstdint>
#include <vector>

#include "proxseg/config/recipe.h"

namespace proxseg {

// min(batch, frames) different indices in [0, frames), ascending. kFixed gives those of step 0 at
// every step. The same on every machine.
std::vector<int64_t> sample_batch(Sampling sampling, int64_t frames, int64_t batch, uint64_t seed,
                                  int64_t step);

}  // namespace proxseg
