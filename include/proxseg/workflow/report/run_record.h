// A run folder as a report reads it.
#pragma once

#include <algorithm>
#include <cstdint>
#include <filesystem>
#include <map>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "proxseg/media/sequences.h"
#include "proxseg/recipe/load.h"
#include "proxseg/train/session.h"

namespace proxseg {

// The part of summary.json that a report needs.
struct RunSummary {
  std::optional<double> parameters, score;
  // Of a trial of a sweep: on frames that all trials on its sequence share.
  std::optional<double> sequence_loss, sequence_score;
  // Singular values of the frames and of their background; of equal length, perhaps 0.
  std::vector<double> frames, background;
};

struct RunRecord {
  std::filesystem::path folder;
  std::string name;       // of the folder
  ResolvedRecipe recipe;  // with the origins of provenance.json
  std::vector<NamedSequence> inputs;
  std::optional<RunSummary> summary;  // nothing before the run is finished

  // From environment.json; empty without one.
  std::string time;                  // "2026-11-28T14:05:59Z"
  std::vector<std::string> command;  // that made the run, called in command_folder
  std::string command_folder;
  std::vector<std::pair<std::string, std::string>> environment;  // all the rest: name, value

  // Columns of metrics.csv: step, loss, ...; of equal length, perhaps 0.
  std::map<std::string, std::vector<double>> metrics;

  // The files in previews/ with their steps, in that order.
  std::vector<std::pair<int64_t, std::filesystem::path>> previews;

  // Damaged files, which were left out: each a sentence without its full stop.
  std::vector<std::string> problems;

  // "street, bridge"
  std::string input_names() const;
  // A column of metrics; empty where there is none of that name.
  const std::vector<double>& metric(const std::string& column) const;
  // Of a trial of a sweep summary->sequence_loss; else the mean over the last tenth of the steps,
  // as one step sees few of the frames. Nothing before the first step.
  std::optional<double> loss() const;
  // Without labels: of a trial of a sweep summary->sequence_score, else summary->score.
  std::optional<double> score() const;
  // Time spent in steps. Nothing before the first step.
  std::optional<double> seconds_in_steps() const;
};

// Throws InputError if the folder holds no run or provenance.json is damaged; ConfigError if this
// program cannot read its recipe. Other damage goes to problems.
RunRecord read_run(const std::filesystem::path& folder);

// Whether all are trials of a sweep, which are measured on frames that they share. Runs: of what
// holds a RunRecord as its member `run`.
template <typename Runs>
bool are_trials(const Runs& runs) {
  return std::ranges::all_of(
      runs, [](const auto& one) { return one.run.summary && one.run.summary->sequence_loss; });
}

// What the losses of runs that are shown together are called.
template <typename Runs>
std::string loss_name(const Runs& runs) {
  return are_trials(runs) ? "loss" : "training loss";
}

// Adds the F-measure of the run's masks to what TensorBoard shows of it. Throws OutputError.
void record_f_measure(const RunRecord& run, double f_measure);

// Every run below tree, ordered by path. Throws InputError if there is none.
std::vector<std::filesystem::path> find_runs(const std::filesystem::path& tree);

}  // namespace proxseg
