// What the trials of a sweep show together: the best trial, the best configuration, what each field
// did.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "proxseg/workflow/sweep/ledger.h"

namespace proxseg {

// What trials are ranked by: the F-measure where any has ground truth, else the label-free score,
// else the loss, which can be compared only between trials whose priors have the same weights.
enum class Metric { kFMeasure, kScore, kLoss };
Metric metric_of(const std::vector<Trial>& trials);
std::string to_string(Metric metric);  // "F", "score", "loss"

// Nothing for a trial that has no result or no such value in it.
std::optional<double> value_of(const Trial& trial, Metric metric);
// Whether any has gone on to a further rung of successive halving.
bool halves(const std::vector<Trial>& trials);

// Trials that differ only in their seed and their sequence.
struct Configuration {
  std::string id;     // Trial::configuration
  Settings settings;  // without the seed
  int64_t rung = 0;
  int64_t trials = 0;  // with a value
  int64_t planned = 0;
  int64_t sequences = 0, seeds = 0;  // of the trials with a value
  double mean = 0.0;                 // over the seeds, of the mean over the sequences
  // Standard deviations, where there are several: of the seeds' means over the sequences, and of
  // the sequences' means over the seeds; without those that lack a value which others have.
  std::optional<double> spread, sequence_spread;
  std::map<std::string, double> by_seed;  // the seeds' means; of "" where no seed is searched
};

// What a field does: for each of its values, the mean of the configurations with that value; of the
// field seed, that of the configurations with each seed. Of whole configurations alone. More than
// kMostLevels values are grouped into three ranges with about as many configurations each.
struct Effect {
  struct Level {
    std::string value;  // "0.25", or "0.1 .. 0.3"
    int64_t configurations = 0;
    double mean = 0.0;
  };
  std::string field;
  std::vector<Level> levels;  // in the order of their values
  double range = 0.0;         // between the best and the worst mean
};
inline constexpr size_t kMostLevels = 8;

struct SweepResults {
  Metric metric = Metric::kLoss;
  std::vector<Trial> trials;  // all, as planned
  // Those with a value, into trials, and the configurations, best first. After successive halving
  // those that reached the last rung come before all others; in a rung, configurations with missing
  // trials come last.
  std::vector<const Trial*> ranked;
  std::vector<Configuration> configurations;
  std::vector<Effect> effects;  // largest range first; none of successive halving

  SweepResults() = default;
  SweepResults(SweepResults&&) = default;
  SweepResults& operator=(SweepResults&&) = default;
};

// Successive halving: the value of a trial is that of its last rung.
SweepResults results_of(std::vector<Trial> trials);

// Successive halving: the ids of the trials that go on from the last rung, once none of `trials` is
// waiting or running; else, and when one configuration is left, none.
std::vector<std::string> winners_of_rung(const std::vector<Trial>& trials, int64_t factor);

// The trials of the best configuration that have a value, in the order of the plan.
std::vector<const Trial*> best_trials(const SweepResults& results);

// The searched fields of all trials, in the order in which they come up.
std::vector<std::string> searched_fields(const std::vector<Trial>& trials);

}  // namespace proxseg
