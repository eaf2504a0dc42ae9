#include "cli/sweep_estimate.h"

#include <fmt/format.h>
#include <sys/resource.h>

#include <algorithm>
#include <chrono>
#include <filesystem>
#include <set>

#include "cli/interrupt.h"
#include "cli/libraries.h"
#include "cli/progress.h"
#include "proxseg/core/temporary_folder.h"
#include "proxseg/train/session.h"

namespace proxseg::cli {
namespace {

struct Cost {
  double start_seconds = 0.0;  // frames read, background found
  double step_seconds = 0.0;
  int64_t bytes = 0;  // at most, by then
};

Cost measure(const PlannedTrial& trial, int64_t threads) {
  constexpr int64_t kSteps = 6;
  ResolvedRecipe resolved = trial.recipe;
  if (resolved.recipe.threads == 0) resolved.recipe.threads = threads;
  resolved.recipe.train.steps = kSteps;
  resolved.recipe.train.alternating_steps = 0;
  start_libraries(resolved.recipe);
  Cost cost;
  const auto start = std::chrono::steady_clock::now();
  TrainCallbacks callbacks;
  callbacks.on_start = [&](const Trainer&) {
    cost.start_seconds =
        std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
  };
  callbacks.on_step = [&](const StepReport& report, int64_t) {
    // The first step also warms up.
    if (report.step > 0) cost.step_seconds += report.seconds / (kSteps - 1);
  };
  callbacks.should_stop = interrupt_requested;
  const TemporaryFolder scratch;
  const bool interrupted =
      train(resolved, {trial.sequence}, scratch / "run", /*force=*/false, callbacks).interrupted();
  if (interrupted) throw Error(ExitCode::kInterrupted, "stopped; nothing was written");
  rusage usage{};
  ::getrusage(RUSAGE_SELF, &usage);
  cost.bytes = int64_t{usage.ru_maxrss} * 1024;
  return cost;
}

// Of all trials, in all rungs.
int64_t total_steps(const SweepPlan& plan) {
  int64_t steps = 0;
  for (const PlannedTrial& trial : plan.trials) {
    const TrainOptions& train = trial.recipe.recipe.train;
    steps += train.steps + train.alternating_steps;
  }
  if (!plan.halving) return steps;
  std::set<std::string> configurations;
  for (const PlannedTrial& trial : plan.trials) configurations.insert(trial.configuration);
  auto left = static_cast<int64_t>(configurations.size());
  const int64_t each = static_cast<int64_t>(plan.trials.size()) / left;
  for (int64_t rung_steps = plan.halving->steps; left > 1; rung_steps *= plan.halving->factor) {
    left = std::max<int64_t>(1, left / plan.halving->factor);
    steps += left * each * rung_steps * (plan.halving->factor - 1);
  }
  return steps;
}

}  // namespace

std::string estimate_cost(const SweepPlan& plan, int64_t remaining, int64_t jobs, int64_t threads) {
  const Cost cost = measure(plan.trials.front(), threads);
  const auto trials = static_cast<double>(plan.trials.size());
  const double share = static_cast<double>(remaining) / trials;
  const double seconds =
      static_cast<double>(total_steps(plan)) * cost.step_seconds + trials * cost.start_seconds;
  const double megabytes = static_cast<double>(cost.bytes) / 1e6;
  const auto parallel = std::min(jobs, std::max<int64_t>(remaining, 1));
  return fmt::format(
      "measured on trial {}: {:.1f} s to read its frames, {:.3g} s a step, {:.0f} MB\n"
      "if all trials are like it: about {} of training with --jobs {}, {:.0f} MB of memory\n",
      plan.trials.front().id, cost.start_seconds, cost.step_seconds, megabytes,
      format_duration(seconds * share / static_cast<double>(parallel)), jobs,
      megabytes * static_cast<double>(parallel));
}

}  // namespace proxseg::cli
