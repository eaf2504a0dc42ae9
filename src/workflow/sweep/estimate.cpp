#include "proxseg/workflow/sweep/estimate.h"

#include <sys/resource.h>

#include <algorithm>
#include <chrono>
#include <set>

#include "proxseg/core/error.h"
#include "proxseg/core/temporary_folder.h"
#include "proxseg/segment/network_segmenter.h"

namespace proxseg {
namespace {

[[noreturn]] void stop_measuring() {
  throw Error(ExitCode::kInterrupted, "stopped; nothing was written");
}

struct Work {
  double trials = 0.0, steps = 0.0;
};

// Of all trials, in all rungs.
Work work_of(const SweepPlan& plan) {
  Work work{static_cast<double>(plan.trials.size()), 0.0};
  for (const PlannedTrial& trial : plan.trials) {
    const TrainOptions& train = trial.recipe.recipe.train;
    work.steps += static_cast<double>(train.steps + train.alternating_steps);
  }
  if (!plan.halving) return work;
  std::set<std::string> configurations;
  for (const PlannedTrial& trial : plan.trials) configurations.insert(trial.configuration);
  auto left = static_cast<int64_t>(configurations.size());
  const int64_t each = static_cast<int64_t>(plan.trials.size()) / left;
  for (int64_t steps = plan.halving->steps; left > 1; steps *= plan.halving->factor) {
    left = std::max<int64_t>(1, left / plan.halving->factor);
    work.trials += static_cast<double>(left * each);
    work.steps += static_cast<double>(left * each * steps * (plan.halving->factor - 1));
  }
  return work;
}

}  // namespace

SweepCost measure_cost(const SweepPlan& plan, int64_t threads, double process_seconds,
                       const WorkCallbacks& callbacks) {
  constexpr int64_t kSteps = 6;
  const PlannedTrial& trial = plan.trials.front();
  ResolvedRecipe resolved = trial.recipe;
  if (resolved.recipe.threads == 0) resolved.recipe.threads = threads;
  resolved.recipe.train.steps = kSteps;
  resolved.recipe.train.alternating_steps = 0;
  callbacks.on_recipe(resolved.recipe);
  const auto start = std::chrono::steady_clock::now();
  SweepCost cost;
  double steps_seconds = 0.0;
  TrainCallbacks training;
  training.on_step = [&](const StepReport& report, int64_t) {
    steps_seconds += report.seconds;
    // The first step also warms up.
    if (report.step > 0) cost.step_seconds += report.seconds / (kSteps - 1);
  };
  training.should_stop = callbacks.should_stop;
  const TemporaryFolder scratch;
  if (!train_to_end(scratch / "run", resolved, trial.sequence, training)) stop_measuring();
  if (trial.has_ground_truth) {
    NetworkSegmenter segmenter(load_model(scratch / "run"));
    if (!segment_and_measure(segmenter, trial.sequence, scratch / "masks", resolved.recipe,
                             callbacks)) {
      stop_measuring();
    }
  }
  const std::chrono::duration<double> all = std::chrono::steady_clock::now() - start;
  cost.seconds = process_seconds + all.count() - steps_seconds;
  rusage usage{};
  ::getrusage(RUSAGE_SELF, &usage);
  cost.bytes = int64_t{usage.ru_maxrss} * 1024;
  return cost;
}

double seconds_of(const SweepPlan& plan, const SweepCost& cost, int64_t remaining, int64_t jobs) {
  const Work work = work_of(plan);
  const double all = work.trials * cost.seconds + work.steps * cost.step_seconds;
  const int64_t rounds = (remaining + jobs - 1) / jobs;
  return all * static_cast<double>(rounds) / static_cast<double>(plan.trials.size());
}

}  // namespace proxseg
