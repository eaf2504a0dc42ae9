// The results of a sweep for programs: JSON and CSV.
#pragma once

#include <filesystem>
#include <nlohmann/json_fwd.hpp>
#include <optional>
#include <string>
#include <vector>

#include "proxseg/workflow/sweep/results.h"

namespace proxseg {

// {"metric", "trials": [{"id", "state", ...}], "configurations", "effects", "importances"}
std::string to_json(const SweepResults& results);

// The best configuration and its trials, each with the commands_for() it. results: with one
// configuration at least.
std::string best_json(const SweepResults& results, const std::filesystem::path& sweep,
                      const std::optional<Halving>& halving);

// One row a trial, all digits; a column for each searched field.
std::string to_csv(const SweepResults& results);

// The values under those names in a trial's object of to_json(), or in its settings; null where
// there is none.
std::vector<nlohmann::ordered_json> cells_of(const Trial& trial,
                                             const std::vector<std::string>& columns);
std::vector<nlohmann::ordered_json> cells_of(const Settings& settings,
                                             const std::vector<std::string>& fields);

// The same of a trial as texts, numbers with all digits.
std::vector<std::string> texts_of(const Trial& trial, const std::vector<std::string>& columns);

}  // namespace proxseg
