// Run folders, read for a report.
#pragma once

#include <filesystem>
#include <nlohmann/json.hpp>
#include <string>
#include <utility>
#include <vector>

#include "proxseg/media/sequences.h"
#include "proxseg/recipe/load.h"

namespace proxseg {

struct Column {
  std::string name;
  std::vector<double> values;
};

struct RunRecord {
  std::filesystem::path folder;
  std::string name;       // of the folder
  ResolvedRecipe recipe;  // with the origins of provenance.json
  std::vector<NamedSequence> inputs;
  nlohmann::ordered_json environment;  // null where the run has none
  nlohmann::ordered_json summary;      // null before the run is finished
  std::vector<Column> metrics;         // of metrics.csv: step, loss, ...; of one length, maybe 0

  // Of previews/, in the order of their steps.
  std::vector<std::pair<int64_t, std::filesystem::path>> previews;

  bool is_finished() const { return summary.is_object(); }
  // Of metrics; null where there is none of that name.
  const Column* metric(const std::string& column) const;
};

bool is_run(const std::filesystem::path& folder);

// Throws InputError if the folder holds no run or a file of it is damaged; ConfigError if its
// recipe is none that this program knows.
RunRecord read_run(const std::filesystem::path& folder);

// Every run below tree, ordered by path. Throws InputError if there is none.
std::vector<std::filesystem::path> find_runs(const std::filesystem::path& tree);

}  // namespace proxseg
