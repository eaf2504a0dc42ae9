#include "proxseg/recipe/load.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <fstream>
#include <limits>
#include <nlohmann/json.hpp>
#include <set>
#include <utility>

#include "proxseg/core/error.h"
#include "proxseg/core/file.h"
#include "proxseg/core/text.h"
#include "proxseg/recipe/document.h"
#include "proxseg/recipe/fields.h"

namespace proxseg {
namespace fs = std::filesystem;
namespace {

constexpr size_t kMaxBytes = size_t{1} << 20;

RecipeText locate_builtin(const std::string& name) {
  std::vector<std::string> names;
  for (const BuiltinRecipe& recipe : builtin_recipes()) {
    if (recipe.name == name) {
      return {"built-in " + name, "built-in " + name + ".json", {}, std::string(recipe.text)};
    }
    names.emplace_back(recipe.name);
  }
  throw ConfigError(
      fmt::format("no built-in recipe {} among {}; a file needs a '/' or the ending .json{}",
                  in_quotes(name), fmt::join(names, ", "), did_you_mean(nearest(name, names))));
}

// Reads no more than it accepts: the path may be a device without end.
std::string read_bounded(const fs::path& path) {
  const auto fail = [&](const std::string& reason) {
    throw ConfigError(fmt::format("cannot read {}: {}", in_quotes(path.string()), reason));
  };
  if (is_folder(path)) fail("it is a folder");
  std::ifstream stream(path, std::ios::binary);
  if (!stream) fail(std::strerror(errno));
  std::string text(kMaxBytes + 1, '\0');
  stream.read(text.data(), static_cast<std::streamsize>(text.size()));
  if (stream.bad()) fail("read error");
  text.resize(static_cast<size_t>(stream.gcount()));
  if (text.size() > kMaxBytes) fail("larger than 1 MiB, which no recipe is");
  return text;
}

RecipeText locate_file(const fs::path& path) {
  std::string text = read_bounded(path);
  std::error_code ignored;
  const fs::path canonical = fs::weakly_canonical(path, ignored);
  return {canonical.string(), path.string(), path.parent_path(), std::move(text)};
}

std::string place_of(const std::string& label, int line) {
  return fmt::format("{}:{}: ", label, line);
}

// Applies recipes and single values in layers, and collects every problem they have.
class Layers {
 public:
  Layers();

  // A built-in recipe or a file with all that it extends. place stands before a message about the
  // name itself: "" or "x.json:3: extends: ".
  void add_recipe(const std::string& name_or_path, const std::filesystem::path& folder,
                  const std::string& place);

  // A document that may not extend another.
  void add_stored(std::string_view text, const std::string& label);

  void add_override(const Override& given);

  // The result. Throws ConfigError listing every problem of every layer.
  ResolvedRecipe finish();

 private:
  using Entry = Document::Entry;

  void add_document(const Document& document, const std::string& label);
  void add_base(const Document& document, const RecipeText& source);
  // False where the entry is refused; what it holds is then not looked at.
  bool add_entry(const Entry& entry, const std::string& label);
  void set(const Field& field, const ReadValue& read, const std::string& place,
           const std::string& origin);
  void refuse_key(const std::string& key, const std::string& place);
  void check_rules();
  bool failed(const std::string& key) const;

  ResolvedRecipe resolved_;
  std::vector<std::string> problems_;
  std::set<std::string> failed_;   // keys and sections whose value could not be read
  std::vector<std::string> open_;  // ids of the recipes whose `extends` is being followed
  bool complete_ = true;           // every layer was read to its end
};

Layers::Layers() {
  for (const Field& field : recipe_fields()) resolved_.origins[field.key] = "default";
}

void Layers::add_recipe(const std::string& name_or_path, const fs::path& folder,
                        const std::string& place) {
  RecipeText source;
  try {
    source = locate_recipe(name_or_path, folder);
  } catch (const ConfigError& error) {
    problems_.push_back(place + error.what());
    complete_ = false;
    return;
  }
  const bool is_cycle = std::ranges::find(open_, source.id) != open_.end();
  open_.push_back(source.id);
  if (is_cycle) {
    problems_.push_back(
        fmt::format("{}recipes extend each other: {}", place, fmt::join(open_, " -> ")));
    complete_ = false;
  } else {
    const Document document = parse_document(source.text);
    add_base(document, source);
    add_document(document, source.label);
  }
  open_.pop_back();
}

void Layers::add_stored(std::string_view text, const std::string& label) {
  const Document document = parse_document(text);
  for (const Entry& entry : document.entries) {
    if (entry.key == "extends") {
      problems_.push_back(place_of(label, entry.line) + "extends: a stored recipe stands alone");
    }
  }
  add_document(document, label);
}

void Layers::add_base(const Document& document, const RecipeText& source) {
  for (const Entry& entry : document.entries) {
    if (entry.key != "extends") continue;
    const std::string place = place_of(source.label, entry.line) + "extends: ";
    if (entry.value.is_string()) {
      add_recipe(entry.value.get<std::string>(), source.folder, place);
    } else {
      problems_.push_back(place + "expected the name or path of one recipe");
    }
  }
}

void Layers::add_document(const Document& document, const std::string& label) {
  complete_ = complete_ && document.complete;
  auto fault = document.faults.begin();
  const auto report_faults_up_to = [&](int line) {
    for (; fault != document.faults.end() && fault->line <= line; ++fault) {
      const Field* field = find_field(fault->key);
      const std::string expected = field ? "; expected " + expectation(*field) : "";
      problems_.push_back(place_of(label, fault->line) + fault->text + expected);
    }
  };
  const Entry* passed_over = nullptr;
  for (const Entry& entry : document.entries) {
    report_faults_up_to(entry.line);
    if (passed_over && is_below(entry.key, passed_over->key)) continue;
    const bool is_ours = entry.key == "extends" || entry.key == "$schema";
    if (is_ours || !add_entry(entry, label)) passed_over = &entry;
  }
  report_faults_up_to(std::numeric_limits<int>::max());
}

bool Layers::add_entry(const Entry& entry, const std::string& label) {
  const std::string place = place_of(label, entry.line);
  if (const Field* field = find_field(entry.key)) {
    set(*field, read_value(*field, entry.value), place + entry.key + ": ",
        fmt::format("{}:{}", label, entry.line));
    return !entry.value.is_structured();
  }
  const std::string names = names_under(entry.key);
  if (names.empty() || entry.key.empty()) {
    refuse_key(entry.key, place);
    return false;
  }
  if (entry.value.is_object()) return true;
  problems_.push_back(fmt::format("{}{}: expected an object with any of {}, found {}", place,
                                  entry.key, names, describe_found(entry.value)));
  failed_.insert(entry.key);
  return false;
}

void Layers::add_override(const Override& given) {
  const size_t equals = given.assignment.find('=');
  if (equals == std::string::npos) {
    problems_.push_back(fmt::format("{} {}: expected KEY=VALUE, e.g. train.batch=8", given.flag,
                                    in_quotes(given.assignment)));
    return;
  }
  const std::string key = given.assignment.substr(0, equals);
  const std::string text = given.assignment.substr(equals + 1);
  const Field* field = find_field(key);
  const std::string names = names_under(key);
  if (field) {
    const std::string place = given.flag == "--set" ? "--set " + key : given.flag;
    set(*field, read_value(*field, text), place + ": ", given.flag);
  } else if (!key.empty() && !names.empty()) {
    problems_.push_back(
        fmt::format("{}: {} is a section; set one of its keys: {}", given.flag, key, names));
  } else {
    refuse_key(key, given.flag + ": ");
  }
}

void Layers::set(const Field& field, const ReadValue& read, const std::string& place,
                 const std::string& origin) {
  if (!read.problem.empty()) {
    problems_.push_back(place + read.problem);
    failed_.insert(field.key);
    return;
  }
  field.set(resolved_.recipe, read.value);
  resolved_.origins[field.key] = origin;
}

void Layers::refuse_key(const std::string& key, const std::string& place) {
  if (const std::string meant = nearest_key(key); !meant.empty()) failed_.insert(meant);
  problems_.push_back(place + unknown_key(key));
}

bool Layers::failed(const std::string& key) const {
  return std::ranges::any_of(
      failed_, [&](const std::string& name) { return key == name || key.starts_with(name + "."); });
}

// A rule is left out where a key that it reads could not be read: that is the problem to mend.
void Layers::check_rules() {
  for (const RecipeProblem& problem : problems_of(resolved_.recipe)) {
    if (std::ranges::any_of(problem.keys, [&](const auto& key) { return failed(key); })) continue;
    const auto given = std::ranges::find_if(
        problem.keys, [&](const auto& key) { return resolved_.origins.at(key) != "default"; });
    const std::string place =
        given == problem.keys.end() ? "" : resolved_.origins.at(*given) + ": ";
    problems_.push_back(place + problem.text);
  }
}

ResolvedRecipe Layers::finish() {
  if (complete_) check_rules();
  throw_if_any(problems_, "recipe");
  return std::move(resolved_);
}

}  // namespace

bool is_recipe_path(const std::string& name_or_path) {
  return name_or_path.find('/') != std::string::npos || name_or_path.ends_with(".json");
}

RecipeText locate_recipe(const std::string& name_or_path, const fs::path& folder) {
  if (!is_recipe_path(name_or_path)) return locate_builtin(name_or_path);
  return locate_file((folder / name_or_path).lexically_normal());
}

ResolvedRecipe resolve_recipe(const std::string& name_or_path,
                              const std::vector<Override>& overrides) {
  Layers layers;
  layers.add_recipe(name_or_path, {}, "");
  for (const Override& given : overrides) layers.add_override(given);
  return layers.finish();
}

Recipe load_recipe(const std::string& name_or_path, const std::vector<Override>& overrides) {
  return resolve_recipe(name_or_path, overrides).recipe;
}

Recipe recipe_from_json(std::string_view text, const std::string& label,
                        const std::vector<Override>& overrides) {
  Layers layers;
  layers.add_stored(text, label);
  for (const Override& given : overrides) layers.add_override(given);
  return layers.finish().recipe;
}

}  // namespace proxseg
