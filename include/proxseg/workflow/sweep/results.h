// What the trials of a sweep show together: the best of them, the best configuration, and how much
// each field matters.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "proxseg/workflow/sweep/ledger.h"

namespace proxseg {

// By what trials are ranked: the F-measure where any has ground truth, else the label-free score,
// else the loss, which is comparable only between trials whose priors have the same weights.
enum class Metric { kFMeasure, kScore, kLoss };
Metric metric_of(const std::vector<Trial>& trials);
std::string to_string(Metric metric);  // "F", "score", "loss"

// Nothing for a trial that is not done or has no such value.
std::optional<double> value_of(const Trial& trial, Metric metric);
// a ranks before b.
bool is_better(double a, double b, Metric metric);

// Trials that differ in their seed and their sequence only.
struct Configuration {
  std::string id;                                             // Trial::configuration
  std::vector<std::pair<std::string, std::string>> settings;  // without the seed
  int64_t rung = 0;
  int64_t trials = 0;  // that have a value
  int64_t planned = 0;
  double mean = 0.0;  // over the seeds, of the mean over the sequences
  // Standard deviation over the seeds, where there are several.
  std::optional<double> spread;
};

// What a field does: for each of its values, the mean result of the trials that have it. More than
// kMostLevels values are grouped into three ranges with about equally many trials each.
struct Effect {
  struct Level {
    std::string value;  // "0.25", or "0.1 .. 0.3"
    int64_t trials = 0;
    double mean = 0.0;
  };
  std::string field;
  std::vector<Level> levels;  // in the order of their values
  double range = 0.0;         // between the best and the worst mean
};
inline constexpr size_t kMostLevels = 8;

struct SweepResults {
  Metric metric = Metric::kLoss;
  std::vector<Trial> trials;                  // all, as planned
  std::vector<const Trial*> ranked;           // those with a value, best first, into trials
  std::vector<Configuration> configurations;  // best first; those with missing trials last
  std::vector<Effect> effects;                // largest range first; none of successive halving

  SweepResults() = default;
  SweepResults(SweepResults&&) = default;
  SweepResults& operator=(SweepResults&&) = default;
};

// Successive halving: the value of a trial is that of its last rung.
SweepResults results_of(std::vector<Trial> trials);

// Successive halving: the ids of the trials that go on from the last rung, once none of `trials` is
// waiting or running; else, and when one configuration is left, none.
std::vector<std::string> winners_of_rung(const std::vector<Trial>& trials, int64_t factor);

}  // namespace proxseg
