// The results of a sweep for people at a terminal.
#pragma once

#include <cstddef>
#include <filesystem>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "proxseg/workflow/sweep/results.h"

namespace proxseg {

// "F-measure against the ground truth, higher is better"
std::string metric_text(Metric metric);

// "loss.l1.weight=0.25 seed=2"; "the base recipe" where nothing is searched.
// in_short: each field by its short_key().
std::string describe_settings(const Settings& settings, bool in_short = false);

// "F 0.6000 ± 0.0100 between the seeds, 3 of 4 trials"
std::string outcome_of(const Configuration& configuration, Metric metric);

// The effect of each searched field and, last, the configurations, best first; "" if no trial has a
// value. columns: of the terminal that it shall fit, with each field by its short_key() where it needs that;
// 0: any.
std::string ranking_text(const SweepResults& results, size_t columns = 0);

// The trials and the ranking. One row a trial, in the order of the plan, with its state, value, progress or
// failure, which stand below the table where `columns` are too few; where all takes more than `rows` lines of
// the terminal, what runs, what has failed, the warnings and the best configurations, and where the rest is.
// sweep: the sweep's folder. rows: 0 for any.
std::string status_text(const SweepResults& results, const std::filesystem::path& sweep,
                        size_t columns = 0, size_t rows = 0);

// The distinct warnings of those trials that are done: "2 trials: no mask in any of 31 frames".
std::vector<std::string> warnings_of(const std::vector<const Trial*>& trials);

// The commands that reproduce the run of a finished trial in the folder `output`. sweep: the
// sweep's folder.
std::vector<std::string> commands_for(const Trial& trial, const std::filesystem::path& sweep,
                                      const std::optional<Halving>& halving,
                                      const std::string& output);

// The folder of such a run: "best", or "best/ID" where the configuration has several.
std::string output_for(const Trial& trial, const SweepResults& results);

// Those that train the best configuration again, each with what for: "Train it again, on peds with
// seed 2". Of every trial, or of the first alone where there are more than kCommanded; the results
// as JSON have all.
std::vector<std::pair<std::string, std::string>> commands_for_best(
    const SweepResults& results, const std::filesystem::path& sweep,
    const std::optional<Halving>& halving);
inline constexpr size_t kCommanded = 6;

// The best configuration: what it reaches on each sequence, and the commands that train it again.
// results: with one configuration at least.
std::string best_text(const SweepResults& results, const std::filesystem::path& sweep,
                      const std::optional<Halving>& halving);

}  // namespace proxseg
