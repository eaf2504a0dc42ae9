#include "cli/comparison.h"

#include <fmt/format.h>

#include <filesystem>
#include <memory>
#include <nlohmann/json.hpp>

#include "cli/libraries.h"
#include "cli/result_file.h"
#include "cli/segmentation.h"
#include "cli/training.h"
#include "proxseg/core/error.h"
#include "proxseg/eval/evaluate.h"
#include "proxseg/recipe/write.h"
#include "proxseg/segment/methods.h"
#include "proxseg/segment/network_segmenter.h"

namespace proxseg::cli {
namespace fs = std::filesystem;
namespace {

struct Method {
  std::string name;
  std::unique_ptr<Segmenter> segmenter;  // null: a network is trained on each sequence
};

struct Methods {
  ResolvedRecipe recipe;
  std::vector<Method> list;
  nlohmann::json settings;  // all that a result depends on, apart from its sequence
};

// A row of the table: one method on one sequence.
struct Entry {
  const Method* method;
  NamedSequence sequence;
  fs::path folder;  // of the sequence
  nlohmann::json settings;
  std::optional<MethodResult> result;

  fs::path masks() const { return folder / method->name; }
  fs::path result_file() const { return masks() / "result.json"; }
};

void add_network(Methods& methods, const ComparisonArguments& arguments) {
  if (arguments.model.empty()) {
    methods.recipe = resolve(arguments.recipe);
    start_libraries(methods.recipe.recipe);
    methods.list.push_back({"proxseg", nullptr});
    return;
  }
  Model model = load_model(arguments.model, overrides_of(arguments.recipe));
  methods.recipe.recipe = model.recipe;
  start_libraries(model.recipe);
  const fs::path file = model_file(fs::canonical(arguments.model));
  methods.settings["model"] = file.string();
  methods.settings["model_written"] = fs::last_write_time(file).time_since_epoch().count();
  methods.list.push_back({"unseen", std::make_unique<NetworkSegmenter>(std::move(model))});
}

Methods methods_of(const ComparisonArguments& arguments) {
  Methods methods;
  add_network(methods, arguments);
  const Recipe& recipe = methods.recipe.recipe;
  methods.settings["recipe"] = nlohmann::json::parse(to_json(recipe));
  for (const std::string& name : arguments.methods) {
    methods.list.push_back({name, make_baseline(name, recipe)});
  }
  return methods;
}

// Finds what is wrong with the input or the output before any work; with the results of an earlier
// call, unless force.
std::vector<Entry> entries_of(const Methods& methods, const ComparisonArguments& arguments) {
  std::vector<Entry> entries;
  for (const NamedSequence& sequence : find_sequences(arguments.input)) {
    check_ground_truth(sequence.path);
    nlohmann::json settings = methods.settings;
    settings["sequence"] = fs::canonical(sequence.path).string();
    const fs::path folder = fs::path(arguments.output) / sequence.name;
    for (const Method& method : methods.list) {
      entries.push_back({&method, sequence, folder, settings, {}});
      Entry& entry = entries.back();
      if (!arguments.force) entry.result = read_result(entry.result_file(), settings);
    }
  }
  return entries;
}

// What was there before is no result of this call, even if this call does not come to its end.
void forget_results(const std::vector<Entry>& entries) {
  for (const Entry& entry : entries) {
    std::error_code ignored;
    fs::remove(entry.result_file(), ignored);
  }
}

TrainSummary train_network(const Entry& entry, const ResolvedRecipe& recipe) {
  TrainSummary summary = train(recipe, {entry.sequence}, entry.folder / "run",
                               /*force=*/true, training_callbacks());
  if (!summary.interrupted()) return summary;
  throw Error(ExitCode::kInterrupted, "stopped; the results finished so far are kept",
              "The same command goes on with the first that is not.");
}

// All frames, whichever of them the recipe trains on: the ground truth may be of any.
SequenceResult segment(const Entry& entry, Segmenter& segmenter, OnError on_error) {
  ExportOptions options;
  options.layout = Layout::kCdnet;
  options.force = true;
  return segment_inputs(segmenter, {entry.sequence.path}, entry.masks(), {.on_error = on_error},
                        options)
      .front();
}

MethodResult measure(const Entry& entry, const ResolvedRecipe& recipe) {
  fmt::print(stderr, "{}: {}\n", entry.sequence.name, entry.method->name);
  MethodResult result;
  result.sequence = entry.sequence.name;
  result.method = entry.method->name;
  std::unique_ptr<Segmenter> trained;
  if (!entry.method->segmenter) {
    const TrainSummary summary = train_network(entry, recipe);
    result.training_seconds = summary.seconds;
    trained = std::make_unique<NetworkSegmenter>(load_model(summary.model));
  }
  Segmenter& segmenter = trained ? *trained : *entry.method->segmenter;
  const SequenceResult segmented = segment(entry, segmenter, recipe.recipe.input.on_error);
  result.frames_per_second = frames_per_second(segmented);
  result.measures = evaluate_sequence(entry.masks(), entry.sequence.path).score.measures;
  return result;
}

}  // namespace

std::vector<std::string> default_methods() {
  std::vector<std::string> names = {"median", "mog2", "knn"};
  for (const BaselineMethod& method : baseline_methods()) {
    if (method.name == "gsoc") names.push_back(method.name);
  }
  return names;
}

Comparison compare_methods(const ComparisonArguments& arguments) {
  const Methods methods = methods_of(arguments);
  std::vector<Entry> entries = entries_of(methods, arguments);
  if (arguments.force) forget_results(entries);
  Comparison comparison;
  for (Entry& entry : entries) {
    if (!entry.result) {
      entry.result = measure(entry, methods.recipe);
      write_result(entry.result_file(), entry.settings, *entry.result);
    }
    comparison.push_back(*entry.result);
  }
  return comparison;
}

}  // namespace proxseg::cli
