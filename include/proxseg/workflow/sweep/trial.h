// The work of one trial, and what it costs. In DIR/trials/ID:
//   run/      the training run
//   masks/    where there is ground truth: binNNNNNN.png of every frame
//   log.txt   what was said meanwhile
#pragma once

#include <cstdint>
#include <filesystem>
#include <string>

#include "proxseg/workflow/pipeline.h"
#include "proxseg/workflow/sweep/ledger.h"

namespace proxseg {

std::filesystem::path trial_folder(const std::filesystem::path& sweep, const std::string& id);

// The recipe that the trial trains by: with the steps of its rung, and with `threads` threads
// unless it sets a number itself.
ResolvedRecipe recipe_of(const Trial& trial, int64_t threads);

// The work of one worker process of the sweep in `folder`: claims a trial, runs it, and records
// that it is done, has failed, or waits again because it was stopped. What the process prints
// meanwhile goes to the trial's log. threads: as for recipe_of(). owner: as for Ledger::claim().
// Throws OutputError if it cannot claim or record a trial; Error of ExitCode::kInterrupted when
// stopped.
void work_on_a_trial(const std::filesystem::path& folder, int64_t threads, const std::string& owner,
                     const WorkCallbacks& callbacks);

struct TrialCost {
  double seconds = 0.0;  // of one trial apart from its steps: start, reading, segmenting, measuring
  double step_seconds = 0.0;
  int64_t bytes = 0;  // of one trial, at most
};

// Runs a trial for a few steps in a temporary folder. has_ground_truth: as of a Trial. threads: as
// for recipe_of(). process_seconds: what it takes to start a process of the program. Throws what
// training and measuring throw; Error of ExitCode::kInterrupted when stopped.
TrialCost measure_cost(const ResolvedRecipe& recipe, const NamedSequence& sequence,
                       bool has_ground_truth, int64_t threads, double process_seconds,
                       const WorkCallbacks& callbacks);

// Wall time in seconds of the `remaining` trials if each costs as much; with successive halving, of
// all rungs.
double seconds_of(const SweepPlan& plan, const TrialCost& cost, int64_t remaining, int64_t jobs);

}  // namespace proxseg
