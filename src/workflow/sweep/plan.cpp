#include "proxseg/workflow/sweep/plan.h"

#include <fmt/format.h>

#include <algorithm>
#include <filesystem>
#include <map>
#include <set>
#include <system_error>

#include "proxseg/core/error.h"
#include "proxseg/core/sha256.h"
#include "proxseg/eval/evaluate.h"
#include "proxseg/media/dataset.h"
#include "proxseg/media/image_file.h"
#include "proxseg/recipe/fields.h"

namespace proxseg {
namespace fs = std::filesystem;
namespace {

// What trials are called and shown by.
std::string short_name(const std::string& hash) { return hash.substr(0, 12); }

// "name size" of each file in folder, sorted.
std::vector<std::string> files_in(const fs::path& folder) {
  std::vector<std::string> files;
  std::error_code error;
  for (fs::directory_iterator it(folder, error), end; !error && it != end; it.increment(error)) {
    std::error_code ignored;
    if (!it->is_regular_file(ignored)) continue;
    files.push_back(fmt::format("{} {}", it->path().string(), it->file_size(ignored)));
  }
  std::ranges::sort(files);
  return files;
}

// The sequences that a path or glob names, relative to folder. A glob that matches images is one
// sequence, with the images as its frames; of any other each match is a sequence or a tree of them.
// Paths become absolute. Throws InputError as find_sequences() does.
std::vector<NamedSequence> expand_input(const std::string& path_or_glob, const fs::path& folder) {
  std::error_code ignored;
  const std::string path = fs::absolute(folder / path_or_glob).lexically_normal().string();
  const bool is_glob = !fs::exists(path, ignored) && path.find_first_of("*?[") != std::string::npos;
  if (!is_glob) return find_sequences(path);
  std::vector<NamedSequence> sequences;
  for (const std::string& match : glob_paths(path)) {
    if (has_image_extension(match)) return find_sequences(path);
    for (NamedSequence& sequence : find_sequences(match)) sequences.push_back(std::move(sequence));
  }
  if (sequences.empty()) throw InputError(fmt::format("nothing matches '{}'", path));
  return sequences;
}

// Equal for the same files: the canonical path, and the names and sizes of what lies there and in
// the folders of its frames and labels.
std::string identity_of(const std::string& path) {
  std::error_code error;
  const fs::path canonical = fs::weakly_canonical(path, error);
  std::string identity = canonical.string() + '\n';
  std::vector<std::string> files;
  if (fs::is_directory(canonical, error)) {
    const SequenceFolders folders = folders_of(canonical);
    files = files_in(canonical);
    for (const fs::path& folder : {folders.frames, folders.ground_truth}) {
      if (folder == canonical) continue;
      for (std::string& file : files_in(folder)) files.push_back(std::move(file));
    }
  } else if (fs::exists(canonical, error)) {
    files.push_back(fmt::format("{}", fs::file_size(canonical, error)));
  } else {
    for (const std::string& match : glob_paths(path)) {
      files.push_back(fmt::format("{} {}", match, fs::file_size(match, error)));
    }
  }
  for (const std::string& file : files) identity += file + '\n';
  return identity;
}

class Planner {
 public:
  // folder: of the sweep file.
  Planner(SweepReading reading, fs::path folder)
      : file_(std::move(reading.file)),
        problems_(std::move(reading.problems)),
        folder_(std::move(folder)) {}

  SweepPlan plan() {
    read_base();
    find_inputs();
    // The rules between fields make sense once each field has a value.
    if (problems_.empty()) resolve_points();
    throw_problems();
    return make_trials();
  }

 private:
  struct Configuration {
    ResolvedRecipe recipe;
    Point point;
  };

  void read_base() {
    try {
      const std::string& base = file_.base.text;
      const bool is_file = base.find('/') != std::string::npos || base.ends_with(".json");
      base_ = resolve_recipe(is_file ? (folder_ / base).lexically_normal().string() : base);
    } catch (const ConfigError& error) {
      const std::string place = file_.base.origin.empty() ? "" : file_.base.origin + ": ";
      problems_.push_back(fmt::format("{}base: {}", place, error.what()));
    }
  }

  void find_inputs() {
    std::set<std::string> known;
    for (const SweepFile::Text& input : file_.inputs) {
      try {
        for (NamedSequence& sequence : expand_input(input.text, folder_)) {
          const std::string identity = identity_of(sequence.path);
          if (!known.insert(identity).second) continue;
          if (has_labels(sequence.path)) check_ground_truth(sequence.path);
          inputs_.push_back({std::move(sequence), identity});
        }
      } catch (const InputError& error) {
        input_problems_.push_back(fmt::format("{}: inputs: {}", input.origin, error.what()));
      }
    }
    name_apart();
  }

  // Where two names are alike, the paths take their place.
  void name_apart() {
    std::map<std::string, int> uses;
    for (const auto& [sequence, identity] : inputs_) ++uses[sequence.name];
    for (auto& [sequence, identity] : inputs_) {
      // Relative, as files of a run are named after it.
      if (uses[sequence.name] > 1) sequence.name = fs::path(sequence.path).relative_path().string();
    }
  }

  void resolve_points() {
    std::set<std::string> known;
    for (Point& point : expand(file_.search)) {
      ResolvedRecipe resolved = base_;
      const auto assign = [&](const Assignment& given) {
        given.field->set(resolved.recipe, given.value);
        resolved.origins[given.field->key] = given.origin;
      };
      for (const Assignment& given : file_.set) assign(given);
      for (const Assignment& given : point) assign(given);
      if (file_.halving) {
        resolved.recipe.train.steps = file_.halving->steps;
        resolved.origins["train.steps"] = "halving";
      }
      check_rules(resolved, known);
      configurations_.push_back({std::move(resolved), std::move(point)});
    }
  }

  // Each violated rule once, at the place of the first of its keys that the sweep gives.
  void check_rules(const ResolvedRecipe& resolved, std::set<std::string>& known) {
    for (const RecipeProblem& problem : problems_of(resolved.recipe)) {
      const auto given = std::ranges::find_if(problem.keys, [&](const std::string& key) {
        return resolved.origins.at(key) != base_.origins.at(key);
      });
      const std::string& key = given == problem.keys.end() ? problem.keys.front() : *given;
      const std::string text = fmt::format("{}: {}", resolved.origins.at(key), problem.text);
      if (known.insert(text).second) problems_.push_back(text);
    }
    if (file_.halving && resolved.recipe.train.alternating_steps > 0 &&
        known.insert("alternating").second) {
      problems_.push_back("train.alternating_steps: halving needs a base with 0 of them");
    }
  }

  void throw_problems() const {
    std::vector<std::string> all = problems_;
    all.insert(all.end(), input_problems_.begin(), input_problems_.end());
    constexpr size_t kShown = 50;
    if (all.size() > kShown) {
      const size_t more = all.size() - kShown;
      all.resize(kShown);
      all.push_back(fmt::format("and {} more", more));
    }
    try {
      throw_if_any(all, "sweep");
    } catch (const ConfigError& error) {
      if (problems_.empty()) throw InputError(error.what());
      throw;
    }
  }

  SweepPlan make_trials() {
    SweepPlan plan;
    plan.halving = file_.halving;
    std::map<std::string, std::string> known;  // hashes by id
    for (const Configuration& configuration : configurations_) {
      Recipe recipe = configuration.recipe.recipe;
      recipe.description.clear();
      const std::string text = to_json(recipe);
      recipe.seed = 0;
      const std::string seedless = short_name(sha256(to_json(recipe)));
      for (const auto& [sequence, identity] : inputs_) {
        const std::string hash = sha256(text + identity), id = short_name(hash);
        const auto [other, is_new] = known.emplace(id, hash);
        if (other->second != hash) {
          throw ConfigError(fmt::format("two trials would both be called {}", id),
                            "Give one of them another seed.");
        }
        if (!is_new) continue;
        plan.trials.push_back({id, seedless, sequence, has_labels(sequence.path),
                               configuration.recipe, configuration.point});
      }
    }
    return plan;
  }

  SweepFile file_;
  std::vector<std::string> problems_;
  fs::path folder_;
  std::vector<std::string> input_problems_;
  ResolvedRecipe base_;
  std::vector<std::pair<NamedSequence, std::string>> inputs_;  // with their identities
  std::vector<Configuration> configurations_;
};

}  // namespace

SweepPlan plan_sweep(const std::string& path) {
  return Planner(read_sweep_file(path), fs::path(path).parent_path()).plan();
}

}  // namespace proxseg
