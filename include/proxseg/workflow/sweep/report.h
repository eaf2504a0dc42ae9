// Results of a sweep, for people and for programs.
#pragma once

#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "proxseg/workflow/sweep/results.h"

namespace proxseg {

// "loss.l1.weight=0.25 seed=2"; "the base recipe" where nothing is searched.
std::string describe_settings(const std::vector<std::pair<std::string, std::string>>& settings);

// The searched fields of all trials, in the order in which they come up.
std::vector<std::string> searched_fields(const std::vector<Trial>& trials);

// "F-measure against the ground truth, higher is better" and its like.
std::string metric_text(Metric metric);

// One row a trial, in the order of the plan, with its state, value, progress or failure.
std::string trials_table(const SweepResults& results);

// Configurations, best first, and what each searched field did; "" if no trial has a value.
std::string ranking_text(const SweepResults& results);

// The commands that make the run of a finished trial again, in the folder `output`. sweep: the
// sweep's folder.
std::vector<std::string> commands_for(const Trial& trial, const std::filesystem::path& sweep,
                                      const std::optional<Halving>& halving,
                                      const std::string& output = "best");

// The best trial and the best configuration, each with the commands that train it again. results:
// with one ranked trial at least.
std::string best_text(const SweepResults& results, const std::filesystem::path& sweep,
                      const std::optional<Halving>& halving);
std::string best_json(const SweepResults& results, const std::filesystem::path& sweep,
                      const std::optional<Halving>& halving);

// {"metric", "trials": [{"id", "state", ...}], "configurations", "effects"}
std::string to_json(const SweepResults& results);

// One row a trial, all digits; a column for each searched field.
std::string to_csv(const SweepResults& results);

}  // namespace proxseg
