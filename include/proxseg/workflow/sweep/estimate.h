// What a sweep will cost, measured on its first trial.
#pragma once

#include <cstdint>
#include <string>

#include "proxseg/workflow/pipeline.h"
#include "proxseg/workflow/sweep/plan.h"

namespace proxseg {

struct SweepCost {
  double seconds = 0.0;  // of one trial: start of the process, reading, segmenting, measuring
  double step_seconds = 0.0;
  int64_t bytes = 0;  // of one trial, at most
};

// Trains the first trial for a few steps in a temporary folder, and segments and measures where it
// has ground truth. process_seconds: what it takes to start a process of the program. Throws what
// that throws; Error of ExitCode::kInterrupted when stopped.
SweepCost measure_cost(const SweepPlan& plan, int64_t threads, double process_seconds,
                       const WorkCallbacks& callbacks);

// Wall time of the `remaining` trials if all of them cost as much. Successive halving: in all
// rungs.
double seconds_of(const SweepPlan& plan, const SweepCost& cost, int64_t remaining, int64_t jobs);

}  // namespace proxseg
