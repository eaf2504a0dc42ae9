#include "proxseg/workflow/compare.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <memory>
#include <nlohmann/json.hpp>

#include "proxseg/core/error.h"
#include "proxseg/core/file.h"
#include "proxseg/core/text.h"
#include "proxseg/eval/evaluate.h"
#include "proxseg/recipe/fields.h"
#include "proxseg/recipe/generic.h"
#include "proxseg/recipe/load.h"
#include "proxseg/segment/methods.h"
#include "proxseg/segment/network_segmenter.h"
#include "workflow/sequence_identity.h"

namespace proxseg {
namespace fs = std::filesystem;
namespace {

constexpr const char* kRemedy = "Choose another --output, or recompute all results with --force.";

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
struct Measurement {
  const Method* method;
  NamedSequence sequence;
  fs::path folder;  // of the sequence
  nlohmann::json settings;
  std::optional<MethodResult> result;

  fs::path masks() const { return folder / method->name; }
  fs::path run() const { return folder / "run"; }  // where a network is trained
  fs::path result_file() const { return masks() / "result.json"; }
};

// Without a result where it is still to come: the folders are this comparison's from then on.
void write_result(const Measurement& entry) {
  nlohmann::json document = {{"settings", entry.settings}};
  if (entry.result) document["result"] = nlohmann::json::parse(to_json(*entry.result));
  write_file_atomically(entry.result_file(), json_text(document));
}

// Throws OutputError where there is something in the folders of a method that no comparison has begun there.
void expect_free(const Measurement& entry) {
  std::vector<fs::path> folders = {entry.masks()};
  if (!entry.method->segmenter) folders.push_back(entry.run());
  for (const fs::path& folder : folders) {
    if (!is_there(folder) || (is_folder(folder) && names_in(folder).empty())) continue;
    throw OutputError(
        fmt::format(
            "'{}' is not empty, and no result.json says that a comparison has written there",
            folder.string()),
        kRemedy);
  }
}

std::vector<std::string> differences_of_recipes(const nlohmann::json& there,
                                                const nlohmann::json& here) {
  const auto read = [](const nlohmann::json& recipe) {
    return recipe_from_json(json_line(recipe), "result.json");
  };
  std::vector<std::string> found;
  try {
    for (const auto& [field, from, to] : differences_between(read(there), read(here))) {
      if (field == "description") continue;
      found.push_back(
          fmt::format("{} is '{}' there, '{}' here", field, to_text(from), to_text(to)));
    }
  } catch (const Error&) {
    found.emplace_back("its recipe is one of another version of the program");
  }
  return found;
}

// "train.steps is 300 there, 40 here", "the sequence is another one", ... All but recipes are hashes.
std::vector<std::string> differences(const nlohmann::json& there, const nlohmann::json& here) {
  std::vector<std::string> found;
  nlohmann::json all = there.is_object() ? there : nlohmann::json::object();
  all.update(here);
  for (const auto& [key, value] : all.items()) {
    const bool is_there = there.is_object() && there.contains(key), is_here = here.contains(key);
    if (is_there && is_here && json_text(there[key]) == json_text(here[key])) continue;
    if (key != "recipe") {
      const char* state = is_there == is_here ? "another one"
                          : is_there          ? "none here"
                                              : "none there";
      found.push_back(fmt::format("the {} is {}", key, state));
    } else if (is_there) {
      for (std::string& field : differences_of_recipes(there[key], value)) {
        found.push_back(std::move(field));
      }
    }
  }
  return found.empty() ? std::vector<std::string>{"its settings are damaged"} : found;
}

// Nothing if there is none yet. Throws OutputError if it is of other settings or damaged.
std::optional<MethodResult> read_result(const Measurement& entry) {
  const fs::path file = entry.result_file();
  if (!is_there(file)) {
    expect_free(entry);
    return std::nullopt;
  }
  const nlohmann::json document =
      nlohmann::json::parse(read_file(file), nullptr, /*allow_exceptions=*/false);
  if (!document.is_object() || !document.contains("settings")) {
    throw OutputError(fmt::format("'{}' is damaged", file.string()), kRemedy);
  }
  if (!document.contains("result")) return std::nullopt;
  if (json_text(document["settings"]) != json_text(entry.settings)) {
    throw OutputError(
        fmt::format("'{}' is of another call: {}", file.string(),
                    fmt::join(differences(document["settings"], entry.settings), "; ")),
        kRemedy);
  }
  return method_result_from_json(document["result"].dump());
}

void add_network(Methods& methods, const CompareOptions& options, const WorkCallbacks& callbacks) {
  if (options.model.empty()) {
    methods.recipe = options.recipe;
    callbacks.on_recipe(methods.recipe.recipe);
    methods.list.push_back({"proxseg", nullptr});
    return;
  }
  Model model = load_model(options.model, options.changes);
  methods.recipe.recipe = model.recipe;
  callbacks.on_recipe(model.recipe);
  methods.settings["model"] = sha256_of_model(options.model);
  methods.list.push_back({"unseen", std::make_unique<NetworkSegmenter>(std::move(model))});
}

Methods methods_of(const CompareOptions& options, const WorkCallbacks& callbacks) {
  Methods methods;
  add_network(methods, options, callbacks);
  const Recipe& recipe = methods.recipe.recipe;
  methods.settings["recipe"] = nlohmann::json::parse(to_json(recipe));
  auto hashes = hashes_of_all_files(recipe);
  if (!options.model.empty()) hashes.erase("train.init");
  for (const auto& [field, hash] : hashes) methods.settings[field] = hash;
  for (const std::string& name : options.methods) {
    methods.list.push_back({name, make_baseline(name, recipe)});
  }
  return methods;
}

// Finds what is wrong with the input or the output before any work; with the results of an earlier
// call, unless force.
std::vector<Measurement> entries_of(const Methods& methods, const CompareOptions& options) {
  std::vector<Measurement> entries;
  for (const NamedSequence& sequence : find_sequences(options.input)) {
    check_ground_truth(sequence.path);
    nlohmann::json settings = methods.settings;
    settings["sequence"] = hash_of_sequence(sequence.path);
    const fs::path folder = options.output / sequence.name;
    for (const Method& method : methods.list) {
      entries.push_back({&method, sequence, folder, settings, {}});
      Measurement& entry = entries.back();
      if (!options.force) entry.result = read_result(entry);
    }
  }
  return entries;
}

// What was there before is no result of this call, even if this call does not come to its end.
void forget_results(const std::vector<Measurement>& entries) {
  for (const Measurement& entry : entries) {
    if (is_there(entry.result_file())) write_result(entry);
  }
}

[[noreturn]] void stop_comparing() {
  throw Error(ExitCode::kInterrupted, "stopped; the results finished so far are kept",
              "The same command goes on with the first that is missing.");
}

MethodResult measure(const Measurement& entry, const ResolvedRecipe& recipe,
                     const WorkCallbacks& callbacks) {
  MethodResult result;
  result.sequence = entry.sequence.name;
  result.method = entry.method->name;
  std::unique_ptr<Segmenter> trained;
  if (!entry.method->segmenter) {
    const TrainSummary summary =
        train_to_end(entry.run(), recipe, entry.sequence, Existing::kReplace, callbacks.training);
    if (summary.interrupted()) stop_comparing();
    result.training_seconds = summary.seconds;
    trained = std::make_unique<NetworkSegmenter>(load_model(summary.model));
  }
  Segmenter& segmenter = trained ? *trained : *entry.method->segmenter;
  const auto measured =
      segment_and_measure(segmenter, entry.sequence, entry.masks(), recipe.recipe, callbacks);
  if (!measured) stop_comparing();
  result.frames_per_second = measured->masks.frames_per_second();
  result.measures = measured->measures;
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

Comparison compare_methods(const CompareOptions& options, const WorkCallbacks& callbacks) {
  const Methods methods = methods_of(options, callbacks);
  std::vector<Measurement> entries = entries_of(methods, options);
  if (options.force) forget_results(entries);
  Comparison comparison;
  for (Measurement& entry : entries) {
    if (!entry.result) {
      callbacks.on_stage(fmt::format("{}: {}", entry.sequence.name, entry.method->name));
      write_result(entry);
      entry.result = measure(entry, methods.recipe, callbacks);
      write_result(entry);
    }
    comparison.push_back(*entry.result);
  }
  return comparison;
}

}  // namespace proxseg
