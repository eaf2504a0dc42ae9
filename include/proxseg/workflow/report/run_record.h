// Run folders, read for a report.
#pragma once

#include <cstdint>
#include <filesystem>
#include <map>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "proxseg/media/sequences.h"
#include "proxseg/recipe/load.h"

namespace proxseg {

// summary.json, as far as a report needs it.
struct RunSummary {
  std::optional<double> parameters, score;
  // Singular values of the frames and of what the network leaves of them as background; of one
  // length, maybe 0.
  std::vector<double> frames, background;
};

struct RunRecord {
  std::filesystem::path folder;
  std::string name;       // of the folder
  ResolvedRecipe recipe;  // with the origins of provenance.json
  std::vector<NamedSequence> inputs;
  std::optional<RunSummary> summary;  // nothing before the run is finished

  // environment.json; empty where there is none.
  std::string time;                  // "2026-11-28T14:05:59Z"
  std::vector<std::string> command;  // that made the run, and the folder where it was called
  std::string command_folder;
  std::vector<std::pair<std::string, std::string>> environment;  // all else: name, value

  // Columns of metrics.csv: step, loss, ...; of one length, maybe 0.
  std::map<std::string, std::vector<double>> metrics;

  // Of previews/, in the order of their steps.
  std::vector<std::pair<int64_t, std::filesystem::path>> previews;

  // Files that are damaged and were left out, each as a sentence without a final stop.
  std::vector<std::string> problems;

  // "street, bridge"
  std::string input_names() const;
  // Of metrics; empty where there is none of that name.
  const std::vector<double>& metric(const std::string& column) const;
  // The loss of the run: its mean over the last tenth of the steps, as one step sees few of the
  // frames. Nothing before the first step.
  std::optional<double> loss() const;
  // Time spent in steps. Nothing before the first step.
  std::optional<double> seconds_in_steps() const;
};

bool is_run(const std::filesystem::path& folder);

// Throws InputError if the folder holds no run or provenance.json is damaged; ConfigError if its
// recipe is none that this program knows. Whatever else is damaged stands in problems.
RunRecord read_run(const std::filesystem::path& folder);

// Every run below tree, ordered by path. Throws InputError if there is none.
std::vector<std::filesystem::path> find_runs(const std::filesystem::path& tree);

}  // namespace proxseg
