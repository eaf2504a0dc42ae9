#include "proxseg/workflow/sweep/plan.h"

#include <fmt/format.h>

#include <algorithm>
#include <filesystem>
#include <map>
#include <memory>
#include <nlohmann/json.hpp>
#include <set>

#include "proxseg/core/error.h"
#include "proxseg/core/file.h"
#include "proxseg/core/sha256.h"
#include "proxseg/core/text.h"
#include "proxseg/recipe/fields.h"
#include "proxseg/recipe/generic.h"
#include "proxseg/recipe/model.h"
#include "proxseg/recipe/named_files.h"
#include "proxseg/workflow/sweep/ledger.h"
#include "workflow/sequence_identity.h"
#include "workflow/sweep/inputs.h"

namespace proxseg {
namespace fs = std::filesystem;
namespace {

// What trials are called and shown by.
std::string short_name(const std::string& hash) { return hash.substr(0, 12); }

// Whether the value of a field is the path of a file.
bool names_file(const Field& field, const std::string& value) {
  if (field.key == "background.file") return !value.empty();
  if (field.key == "input.roi") return !value.empty() && !is_polygon(value);
  return field.key == "train.init" && value != "auto" && value != "generic" && value != "none";
}

// The line of "sweep.json:7: ..."; what names no line comes after all lines.
int64_t line_of(const std::string& problem) {
  const std::string place = problem.substr(0, problem.find(": "));
  const auto line = parse_number<int64_t>(place.substr(place.rfind(':') + 1));
  const bool is_of_file = !place.starts_with("built-in ");
  return is_of_file ? line.value_or(INT64_MAX) : INT64_MAX;
}

class Planner {
 public:
  // folder: of the sweep file.
  Planner(SweepReading reading, fs::path folder, const std::vector<Override>& overrides)
      : file_(std::move(reading.file)),
        problems_(std::move(reading.problems)),
        folder_(std::move(folder)),
        overrides_(overrides),
        tpe_(std::get_if<TpeSearch>(&file_.search)) {}
  Planner(const Planner&) = delete;
  Planner& operator=(const Planner&) = delete;

  // Throws where there are problems.
  void prepare() {
    read_base();
    apply_overrides();
    inputs_ = find_inputs(file_.inputs, folder_, input_problems_);
    find_earlier_sweeps();
    make_paths_relative_to_file();
    // The rules between fields make sense once each field has a value.
    if (problems_.empty()) expand_points();
    throw_problems();
  }

  SweepPlan plan() {
    SweepPlan plan;
    plan.halving = file_.halving;
    plan.pruning = file_.pruning;
    plan.budget = file_.budget;
    if (tpe_) plan.tpe = *tpe_;
    if (const RandomSearch* space = space_of(file_.search)) {
      for (const Distribution& from : space->distributions) {
        if (from.kind == Distribution::Kind::kLogUniform) plan.log_fields.insert(from.field->key);
      }
    }
    std::map<std::string, std::string> known;  // hashes by id
    for (const Point& point : points_) add_trials(point, plan.trials, known);
    plan.most_trials = std::ssize(plan.trials);
    if (tpe_) {
      const auto repetitions = std::max<int64_t>(1, std::ssize(file_.seeds));
      plan.most_trials = tpe_->space.trials * repetitions * std::ssize(inputs_);
    }
    return plan;
  }

  std::vector<PlannedTrial> trials_of(const Point& point) const {
    std::vector<PlannedTrial> trials;
    if (!problems_of(resolved(point).recipe).empty()) return trials;
    std::map<std::string, std::string> known;
    add_trials(point, trials, known);
    return trials;
  }

 private:
  void read_base() {
    const std::string& text = file_.base.text;
    const std::string base =
        is_recipe_path(text) ? (folder_ / text).lexically_normal().string() : text;
    try {
      base_ = resolve_recipe(base);
    } catch (const ConfigError& error) {
      const std::string place = file_.base.origin.empty() ? "" : file_.base.origin + ": ";
      problems_.push_back(fmt::format("{}base: {}", place, error.what()));
      return;
    }
    base_ = resolve_recipe(base, overrides_);
  }

  // They win over `set`; what is searched has its values from the search alone. Trials say them, as
  // other calls may give others.
  void apply_overrides() {
    for (const Override& given : overrides_) {
      const std::string key = given.assignment.substr(0, given.assignment.find('='));
      std::erase_if(file_.set, [&](const Assignment& fixed) { return fixed.field->key == key; });
      const std::string searched = searched_at(key);
      if (searched.empty()) {
        const Field* field = find_field(key);
        if (field) given_.push_back({field, field->get(base_.recipe), given.flag});
        continue;
      }
      problems_.push_back(
          fmt::format("{}: {} is searched, which {} cannot change", searched, key, given.flag));
    }
  }

  // Where the file searches the field: "sweep.json:7"; "" where it does not.
  std::string searched_at(const std::string& key) const {
    std::string place;
    const auto look = [&](const auto& given) {
      if (given.field->key == key) place = given.origin;
    };
    std::ranges::for_each(file_.seeds, look);
    if (const auto* grid = std::get_if<Grid>(&file_.search)) {
      std::ranges::for_each(grid->axes, look);
    } else if (const auto* list = std::get_if<std::vector<Point>>(&file_.search)) {
      for (const Point& point : *list) std::ranges::for_each(point, look);
    } else if (const auto* tpe = std::get_if<TpeSearch>(&file_.search)) {
      std::ranges::for_each(tpe->space.distributions, look);
    } else {
      std::ranges::for_each(std::get<RandomSearch>(file_.search).distributions, look);
    }
    return place;
  }

  void find_earlier_sweeps() {
    if (!tpe_) return;
    for (Text& earlier : tpe_->earlier) {
      const fs::path folder = (folder_ / earlier.text).lexically_normal();
      if (!is_sweep(folder)) {
        problems_.push_back(
            fmt::format("{}: tpe.earlier: '{}' holds no sweep: ledger.sqlite is missing",
                        earlier.origin, folder.string()));
      }
      earlier.text = folder.string();
    }
  }

  // Files that fields of the sweep file name.
  void make_paths_relative_to_file() {
    for (Assignment& given : file_.set) settle_path(given, given.value);
    if (auto* grid = std::get_if<Grid>(&file_.search)) {
      for (Axis& axis : grid->axes) {
        for (FieldValue& value : axis.values) settle_path(axis, value);
      }
    } else if (auto* list = std::get_if<std::vector<Point>>(&file_.search)) {
      for (Point& point : *list) {
        for (Assignment& given : point) settle_path(given, given.value);
      }
    } else {
      for (Distribution& from : space_of(file_.search)->distributions) {
        for (FieldValue& value : from.choices) settle_path(from, value);
      }
    }
  }

  // given: what has the field and its place in the file.
  template <typename Given>
  void settle_path(const Given& given, FieldValue& value) {
    auto* path = std::get_if<std::string>(&value);
    if (!path || !names_file(*given.field, *path)) return;
    *path = fs::absolute(folder_ / *path).lexically_normal().string();
    if (is_there(*path)) return;
    problems_.push_back(
        fmt::format("{}: {}: there is no '{}'", given.origin, given.field->key, *path));
  }

  void expand_points() {
    points_ = expand(file_.search);
    if (std::holds_alternative<std::vector<Point>>(file_.search)) complete(points_);
    if (tpe_) {
      // What is there already is often good; draws that break a rule are left out.
      if (auto base = base_point()) points_.insert(points_.begin(), std::move(*base));
      std::erase_if(points_, [&](const Point& point) {
        return !problems_of(resolved(point).recipe).empty();
      });
      if (std::ssize(points_) > tpe_->space.trials) points_.resize(tpe_->space.trials);
    }
    std::set<std::string> known;
    for (const Point& point : points_) check_rules(resolved(point), known);
  }

  // Each point of a list says all fields that any of them sets: where one does not, the base's
  // value.
  void complete(std::vector<Point>& points) const {
    Point all;
    const ResolvedRecipe base = resolved({});
    for (const Point& point : points) {
      for (const Assignment& given : point) {
        if (std::ranges::find(all, given.field, &Assignment::field) != all.end()) continue;
        const std::string& key = given.field->key;
        all.push_back({given.field, given.field->get(base.recipe), base.origins.at(key)});
      }
    }
    for (Point& point : points) {
      for (const Assignment& other : all) {
        const bool is_given =
            std::ranges::find(point, other.field, &Assignment::field) != point.end();
        if (!is_given) point.push_back(other);
      }
    }
  }

  // The base's own values of the searched fields; nothing where the search draws no such one.
  std::optional<Point> base_point() const {
    Point point;
    const Recipe recipe = resolved({}).recipe;
    for (const Distribution& from : tpe_->space.distributions) {
      const FieldValue value = from.field->get(recipe);
      if (!is_active(from, point)) continue;
      if (!place_of(from, value)) return std::nullopt;
      point.push_back({from.field, value, from.origin});
    }
    return point;
  }

  ResolvedRecipe resolved(const Point& point) const {
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
    take_shape(resolved);
    return resolved;
  }

  // The network's shape from where the trial starts, as a training takes it. Networks are read
  // once.
  void take_shape(ResolvedRecipe& resolved) const {
    std::string key = resolved.recipe.train.init;
    for (const Field& field : recipe_fields()) {
      if (!field.key.starts_with("model.")) continue;
      key += fmt::format("\n{} {}", to_text(field.get(resolved.recipe)),
                         resolved.origins.at(field.key));
    }
    auto known = shapes_.find(key);
    if (known == shapes_.end()) {
      try {
        ResolvedRecipe shaped = resolved;
        take_initial_shape(shaped);
        known = shapes_.emplace(key, std::move(shaped)).first;
      } catch (const ConfigError&) {
        return;  // a rule that check_rules() finds broken, or a network that does not fit
      }
    }
    for (const Field& field : recipe_fields()) {
      if (!field.key.starts_with("model.")) continue;
      field.set(resolved.recipe, field.get(known->second.recipe));
      resolved.origins[field.key] = known->second.origins.at(field.key);
    }
  }

  // Where the network cannot be read, or is none that the trial can start from.
  void check_shape(const ResolvedRecipe& resolved, std::set<std::string>& known) {
    const std::string& init = resolved.recipe.train.init;
    if (init == "none" || init == "auto") return;
    const auto [network, is_new] = networks_.try_emplace(init);
    try {
      if (is_new) network->second = load_model(init).recipe;
    } catch (const Error& error) {
      problems_.push_back(
          fmt::format("{}: train.init: {}", resolved.origins.at("train.init"), error.what()));
    }
    if (!network->second) return;
    for (const auto& [key, there, here] : differences_between(*network->second, resolved.recipe)) {
      if (!key.starts_with("model.")) continue;
      const std::string text = fmt::format(
          "{}: {} is {}, but {} in the network '{}' that the trial starts from; say \"{}\": {} in "
          "\"set\", or start from another",
          resolved.origins.at(key), key, to_text(here), to_text(there), init, key, to_text(there));
      if (known.insert(text).second) problems_.push_back(text);
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
    check_shape(resolved, known);
    if (file_.halving && resolved.recipe.train.alternating_steps > 0 &&
        known.insert("alternating").second) {
      problems_.push_back("train.alternating_steps: halving needs a base with 0 of them");
    }
  }

  void throw_problems() const {
    std::vector<std::string> all = problems_;
    all.insert(all.end(), input_problems_.begin(), input_problems_.end());
    std::ranges::stable_sort(all, {}, line_of);
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

  // Those of one point, whose ids are not known yet.
  void add_trials(const Point& point, std::vector<PlannedTrial>& trials,
                  std::map<std::string, std::string>& known) const {
    std::vector<Point> repeated;
    for (const Assignment& seed : file_.seeds) repeated.emplace_back(point).push_back(seed);
    if (repeated.empty()) repeated.push_back(point);
    for (const Point& one : repeated) {
      const ResolvedRecipe configuration = resolved(one);
      Recipe recipe = configuration.recipe;
      recipe.description.clear();
      const std::string text = to_json(recipe) + text_of_files(recipe);
      recipe.seed = 0;
      const std::string seedless = short_name(sha256(to_json(recipe)));
      for (const auto& [sequence, identity, is_labelled] : inputs_) {
        const std::string hash = sha256(text + identity), id = short_name(hash);
        const auto [other, is_new] = known.emplace(id, hash);
        if (other->second != hash) {
          throw ConfigError(fmt::format("two trials would both be called {}", id),
                            "Give one of them another seed.");
        }
        if (!is_new) continue;
        Point all = one;
        all.insert(all.end(), given_.begin(), given_.end());
        trials.push_back({id, seedless, sequence, is_labelled, configuration, all});
      }
    }
  }

  // The hashes of the files that a recipe names; read once for recipes that name the same.
  const std::string& text_of_files(const Recipe& recipe) const {
    auto names = named_files(recipe);
    names["train.init"] = initial_weights(recipe).string();
    const std::string key = json_line(nlohmann::ordered_json(names));
    const auto known = texts_of_files_.find(key);
    if (known != texts_of_files_.end()) return known->second;
    const auto hashes = hashes_of_all_files(recipe);
    return texts_of_files_[key] = hashes.empty() ? "" : json_line(nlohmann::ordered_json(hashes));
  }

  SweepFile file_;
  std::vector<std::string> problems_;
  fs::path folder_;
  std::vector<std::string> input_problems_;
  ResolvedRecipe base_;
  std::vector<SweepInput> inputs_;
  std::vector<Override> overrides_;
  Point given_;  // the fields of overrides_
  mutable std::map<std::string, std::string> texts_of_files_;
  mutable std::map<std::string, ResolvedRecipe> shapes_;   // of recipes, by take_shape()'s keys
  std::map<std::string, std::optional<Recipe>> networks_;  // recipes of train.init, where known
  TpeSearch* tpe_;                                         // the search of file_, where it is one
  std::vector<Point> points_;
};

}  // namespace

SweepPlan plan_sweep(const std::string& path, const std::vector<Override>& overrides) {
  const auto planner =
      std::make_shared<Planner>(read_sweep_file(path), fs::path(path).parent_path(), overrides);
  planner->prepare();
  SweepPlan plan = planner->plan();
  plan.trials_of = [planner](const Point& point) { return planner->trials_of(point); };
  return plan;
}

}  // namespace proxseg
