#include "proxseg/workflow/sweep/run_trial.h"

#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <nlohmann/json.hpp>
#include <sstream>

#include "proxseg/core/error.h"
#include "proxseg/core/file.h"
#include "proxseg/core/text.h"
#include "proxseg/eval/evaluate.h"
#include "proxseg/recipe/load.h"
#include "proxseg/segment/network_segmenter.h"

namespace proxseg {
namespace fs = std::filesystem;
using nlohmann::json;
namespace {

json summary_of(const fs::path& run) {
  std::error_code ignored;
  if (!fs::exists(run / "summary.json", ignored)) return json::object();
  return json::parse(read_file(run / "summary.json"), nullptr, /*allow_exceptions=*/false);
}

bool is_trained(const fs::path& run, const Recipe& recipe) {
  const json summary = summary_of(run);
  return summary.is_object() && summary.contains("steps") &&
         summary["steps"] == recipe.train.steps + recipe.train.alternating_steps;
}

bool has_checkpoint(const fs::path& run) {
  std::error_code error;
  const fs::directory_iterator entries(run / "checkpoints", error);
  return std::any_of(begin(entries), end(entries), [](const auto& entry) {
    return !entry.path().filename().string().starts_with('.');
  });
}

// False when stopped.
bool train_to_end(const Trial& trial, const ResolvedRecipe& recipe, const fs::path& run,
                  const TrainCallbacks& callbacks) {
  if (is_trained(run, recipe.recipe)) return true;
  if (has_checkpoint(run)) {
    try {
      return !resume(run, recipe, callbacks).interrupted();
    } catch (const ModelError&) {
      // Checkpoints that cannot be read: there is nothing to go on from.
    }
  }
  return !train(recipe, {trial.sequence}, run, /*force=*/true, callbacks).interrupted();
}

// Mean of the column `loss` over the last tenth of the rows: one step sees few of the frames.
double final_loss(const fs::path& run) {
  std::istringstream stream(read_file(run / "metrics.csv"));
  std::vector<double> losses;
  std::string row;
  std::getline(stream, row);
  while (std::getline(stream, row)) {
    const size_t begin = std::min(row.find(','), row.size() - 1) + 1;
    const auto loss = parse_number<double>(row.substr(begin, row.find(',', begin) - begin));
    if (!loss) throw InputError(fmt::format("'{}/metrics.csv' is damaged", run.string()));
    losses.push_back(*loss);
  }
  if (losses.empty()) throw InputError(fmt::format("no steps in '{}'", run.string()));
  const auto count = static_cast<std::ptrdiff_t>((losses.size() + 9) / 10);
  double sum = 0.0;
  std::for_each(losses.end() - count, losses.end(), [&](double loss) { sum += loss; });
  return sum / static_cast<double>(count);
}

// False when stopped. All frames, whichever of them the recipe trains on: the ground truth may be
// of any.
bool segment(const Trial& trial, const Recipe& recipe, const fs::path& folder,
             const InferCallbacks& callbacks) {
  NetworkSegmenter segmenter(load_model(folder / "run"));
  ExportOptions options;
  options.layout = Layout::kCdnet;
  options.force = true;
  infer_sequence(segmenter, trial.sequence, folder / "masks", {.on_error = recipe.input.on_error},
                 options, callbacks);
  return !callbacks.should_stop();
}

}  // namespace

fs::path trial_folder(const fs::path& sweep, const std::string& id) {
  return sweep / "trials" / id;
}

ResolvedRecipe recipe_of(const Trial& trial, int64_t threads) {
  ResolvedRecipe resolved;
  resolved.recipe = recipe_from_json(trial.recipe, "trial " + trial.id);
  resolved.origins = json::parse(trial.origins).get<std::map<std::string, std::string>>();
  if (resolved.recipe.threads == 0) {
    resolved.recipe.threads = threads;
    resolved.origins["threads"] = "sweep --jobs";
  }
  if (trial.rung > 0) {
    resolved.recipe.train.steps = trial.steps;
    resolved.origins["train.steps"] = fmt::format("rung {} of the sweep", trial.rung);
  }
  return resolved;
}

std::optional<TrialResult> run_trial(const Trial& trial, const ResolvedRecipe& recipe,
                                     const fs::path& folder, const TrainCallbacks& training,
                                     const InferCallbacks& segmenting) {
  const auto start = std::chrono::steady_clock::now();
  const fs::path run = folder / "run";
  if (!train_to_end(trial, recipe, run, training)) return std::nullopt;
  TrialResult result;
  result.loss = final_loss(run);
  const json summary = summary_of(run);
  if (summary.is_object() && summary.contains("score") && summary["score"].is_number()) {
    result.score = summary["score"].get<double>();
  }
  if (trial.has_ground_truth) {
    if (!segment(trial, recipe.recipe, folder, segmenting)) return std::nullopt;
    const Measures measures =
        evaluate_sequence(folder / "masks", trial.sequence.path).score.measures;
    result.f_measure = measures.f_measure;
    result.precision = measures.precision;
    result.recall = measures.recall;
  }
  result.seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
  return result;
}

}  // namespace proxseg
