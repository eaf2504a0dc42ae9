// How far a sweep is, and how long the rest of it takes.
#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "proxseg/workflow/sweep/ledger.h"

namespace proxseg {

// A rung of successive halving.
struct Rung {
  int64_t trials = 0;
  int64_t steps = 0;  // that it adds to each of them
};

// From the first to the one with a single configuration, if none fails. each: trials of a
// configuration.
std::vector<Rung> rungs_of(const Halving& halving, int64_t configurations, int64_t each);

// Counts trainings: of each trial one, with successive halving one in each rung that it reaches.
struct SweepProgress {
  int64_t all = 0;  // that there may be in the end
  int64_t done = 0, running = 0, failed = 0, pruned = 0;
  int64_t rung = 0, rungs = 0;  // the one that it is at, from 1, of how many; 0 without halving
  // One after the other, as long as those that are done took, from starting to measuring: a part that
  // is the same for all, and one in proportion to their steps. Half of it for one that runs. Nothing
  // while none is done.
  std::optional<double> seconds_left;

  int64_t left() const { return all - done - failed - pruned; }
};

// most_trials: as of the ledger.
SweepProgress progress_of(const std::vector<Trial>& trials, const std::optional<Halving>& halving,
                          int64_t most_trials);

}  // namespace proxseg
