// What the trials of a sweep show together: the best trial, the best configuration, how much each
// field matters; for people and for programs.
#pragma once

#include <cstdint>
#include <filesystem>
#include <map>
#include <nlohmann/json_fwd.hpp>
#include <optional>
#include <string>
#include <vector>

#include "proxseg/workflow/sweep/ledger.h"

namespace proxseg {

// What trials are ranked by: the F-measure where any has ground truth, else the label-free score,
// else the loss, which can be compared only between trials whose priors have the same weights.
enum class Metric { kFMeasure, kScore, kLoss };
Metric metric_of(const std::vector<Trial>& trials);
std::string to_string(Metric metric);    // "F", "score", "loss"
std::string metric_text(Metric metric);  // "F-measure against the ground truth, higher is better"

// Nothing for a trial that has no result or no such value in it.
std::optional<double> value_of(const Trial& trial, Metric metric);
// a ranks before b.
bool is_better(double a, double b, Metric metric);

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
  // the sequences' means over the seeds.
  std::optional<double> spread, sequence_spread;
  std::map<std::string, double> by_seed;  // the seeds' means; of "" where no seed is searched
};

// What a field does: for each of its values, the mean of the configurations with that value; of the
// field seed, that of the configurations with each seed. More than kMostLevels values are grouped
// into three ranges with about as many configurations each.
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

// ---- as text, JSON, CSV and a page

// "loss.l1.weight=0.25 seed=2"; "the base recipe" where nothing is searched.
// in_short: each field by its short_key().
std::string describe_settings(const Settings& settings, bool in_short = false);

// The searched fields of all trials, in the order in which they come up.
std::vector<std::string> searched_fields(const std::vector<Trial>& trials);

// The values under those names in a trial's object of to_json(), or in its settings; null where
// there is none.
std::vector<nlohmann::ordered_json> cells_of(const Trial& trial,
                                             const std::vector<std::string>& columns);
std::vector<nlohmann::ordered_json> cells_of(const Settings& settings,
                                             const std::vector<std::string>& fields);

// "1 trial", "3 trials".
std::string counted(int64_t count, const std::string& what);

// "F 0.6000 ± 0.0100 between the seeds, 3 of 4 trials"
std::string outcome_of(const Configuration& configuration, Metric metric);

// Why there are no importances_of() these results, as a sentence: there are too few configurations.
// "" where there are some, or could be none anyway.
std::string missing_importances(const SweepResults& results);

// One row a trial, in the order of the plan, with its state, value, progress or failure; below,
// once each, the warnings to which marks in the rows refer. columns: of the terminal that it shall
// fit, with each field by its short_key() and failures below, too, where it needs that; 0: any.
std::string trials_table(const SweepResults& results, size_t columns = 0);

// The effect of each searched field and, last, the configurations, best first; "" if no trial has a
// value. columns: as for trials_table().
std::string ranking_text(const SweepResults& results, size_t columns = 0);

// The table of trials and the ranking; where they take more than `rows` lines of the terminal, what
// runs, what has failed, the warnings and the best configurations, and where the rest is. sweep: the
// sweep's folder. rows: 0 for any.
std::string status_text(const SweepResults& results, const std::filesystem::path& sweep,
                        size_t columns = 0, size_t rows = 0);

// The commands that reproduce the run of a finished trial in the folder `output`. sweep: the
// sweep's folder.
std::vector<std::string> commands_for(const Trial& trial, const std::filesystem::path& sweep,
                                      const std::optional<Halving>& halving,
                                      const std::string& output = "best");

// The best configuration: what it reaches on each sequence, and the commands that train it again.
// results: with one configuration at least.
std::string best_text(const SweepResults& results, const std::filesystem::path& sweep,
                      const std::optional<Halving>& halving);
std::string best_json(const SweepResults& results, const std::filesystem::path& sweep,
                      const std::optional<Halving>& halving);

// The trials of the best configuration that have a value, in the order of the plan.
std::vector<const Trial*> best_trials(const SweepResults& results);

// {"metric", "trials": [{"id", "state", ...}], "configurations", "effects", "importances"}
std::string to_json(const SweepResults& results);

// One row a trial, all digits; a column for each searched field.
std::string to_csv(const SweepResults& results);

// The sweep in folder as a page: one row a trial, best first and those without a value last, with
// what it is ranked by, its other results, its state, why it failed, and its settings; below, the
// configurations and the effect of each field. page: where it will be written. Throws OutputError
// if the ledger cannot be read.
struct ResultTable;  // report/result_table.h
ResultTable table_of_sweep(const std::filesystem::path& folder, const std::filesystem::path& page);

}  // namespace proxseg
