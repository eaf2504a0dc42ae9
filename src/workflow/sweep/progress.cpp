#include "proxseg/workflow/sweep/progress.h"

#include <algorithm>
#include <set>
#include <string>

namespace proxseg {
namespace {

// seconds = fixed + per_step * steps, by least squares; neither is below 0.
struct Cost {
  double fixed = 0.0, per_step = 0.0;

  double of(double steps) const { return fixed + per_step * steps; }
};

struct Measured {
  double steps = 0.0, seconds = 0.0;
};

// samples: at least one. Where all have as many steps, the seconds are in proportion to them.
Cost cost_of(const std::vector<Measured>& samples) {
  const auto n = static_cast<double>(samples.size());
  Measured mean;
  for (const auto& [steps, seconds] : samples) {
    mean.steps += steps / n;
    mean.seconds += seconds / n;
  }
  double covariance = 0.0, variance = 0.0;
  for (const auto& [steps, seconds] : samples) {
    covariance += (steps - mean.steps) * (seconds - mean.seconds);
    variance += (steps - mean.steps) * (steps - mean.steps);
  }
  const Cost proportional{0.0, mean.seconds / std::max(1.0, mean.steps)};
  if (variance == 0.0) return proportional;
  const double per_step = std::max(0.0, covariance / variance);
  const double fixed = mean.seconds - per_step * mean.steps;
  return fixed < 0.0 ? proportional : Cost{fixed, per_step};
}

// The steps that a trial's training in a rung adds.
double added_steps(const Trial& trial, int64_t rung, const std::optional<Halving>& halving) {
  auto steps = static_cast<double>(trial.steps);
  if (!halving) return steps;
  const auto factor = static_cast<double>(halving->factor);
  for (int64_t i = trial.rung; i > rung; --i) steps /= factor;
  return rung == 0 ? steps : steps * (1.0 - 1.0 / factor);
}

std::vector<Measured> measured(const std::vector<Trial>& trials,
                               const std::optional<Halving>& halving) {
  std::vector<Measured> samples;
  for (const Trial& trial : trials) {
    if (!trial.result) continue;
    const int64_t rung = trial.state == TrialState::kDone ? trial.rung : trial.rung - 1;
    if (rung < 0) continue;
    samples.push_back({added_steps(trial, rung, halving), trial.result->seconds});
  }
  return samples;
}

void count(const Trial& trial, SweepProgress& progress) {
  progress.done += trial.rung + (trial.state == TrialState::kDone ? 1 : 0);
  progress.running += trial.state == TrialState::kRunning;
  progress.failed += trial.state == TrialState::kFailed;
  progress.pruned += trial.state == TrialState::kPruned;
  progress.rung = std::max(progress.rung, trial.rung + 1);
}

// The rungs after the one that the sweep is at.
std::vector<Rung> rungs_to_come(const std::vector<Trial>& trials, const Halving& halving,
                                SweepProgress& progress) {
  std::set<std::string> configurations;
  for (const Trial& trial : trials) configurations.insert(trial.configuration);
  const auto many = std::ssize(configurations);
  std::vector<Rung> rungs = rungs_of(halving, many, std::ssize(trials) / many);
  progress.rungs = std::max(progress.rung, std::ssize(rungs));
  rungs.erase(rungs.begin(), rungs.begin() + std::min(progress.rung, std::ssize(rungs)));
  return rungs;
}

}  // namespace

std::vector<Rung> rungs_of(const Halving& halving, int64_t configurations, int64_t each) {
  std::vector<Rung> rungs = {{configurations * each, halving.steps}};
  for (int64_t steps = halving.steps; configurations > 1; steps *= halving.factor) {
    configurations = std::max<int64_t>(1, configurations / halving.factor);
    rungs.push_back({configurations * each, steps * (halving.factor - 1)});
  }
  return rungs;
}

SweepProgress progress_of(const std::vector<Trial>& trials, const std::optional<Halving>& halving,
                          int64_t most_trials) {
  SweepProgress progress;
  if (trials.empty()) return progress;
  for (const Trial& trial : trials) count(trial, progress);
  if (!halving) progress.rung = 0;
  const auto to_come = halving ? rungs_to_come(trials, *halving, progress) : std::vector<Rung>();
  const int64_t unknown = std::max<int64_t>(0, most_trials - std::ssize(trials));
  const std::vector<Measured> samples = measured(trials, halving);
  const Cost cost = samples.empty() ? Cost() : cost_of(samples);
  double seconds = 0.0, steps = 0.0;
  progress.all = progress.done + progress.failed + progress.pruned + unknown;
  for (const Trial& trial : trials) {
    steps += static_cast<double>(trial.steps) / static_cast<double>(trials.size());
    const bool runs = trial.state == TrialState::kRunning;
    if (!runs && trial.state != TrialState::kWaiting) continue;
    ++progress.all;
    seconds += (runs ? 0.5 : 1.0) * cost.of(added_steps(trial, trial.rung, halving));
  }
  for (const Rung& rung : to_come) {
    progress.all += rung.trials;
    seconds += static_cast<double>(rung.trials) * cost.of(static_cast<double>(rung.steps));
  }
  seconds += static_cast<double>(unknown) * cost.of(steps);
  if (!samples.empty()) progress.seconds_left = seconds;
  return progress;
}

}  // namespace proxseg
