// The fields of a recipe as one table, and what comes from it: reading, --set, checks, --help, JSON,
// its schema and docs/recipes.md.
#pragma once

#include <cstdint>
#include <functional>
#include <limits>
#include <nlohmann/json_fwd.hpp>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "proxseg/recipe/recipe.h"

namespace proxseg {

enum class FieldType { kBool, kInteger, kReal, kChoice, kText };

// The alternative that a field's type calls for: bool, int64_t, double; choices and text are
// strings.
using FieldValue = std::variant<bool, int64_t, double, std::string>;

// Bounds of a number; both ends are allowed unless open.
struct Bounds {
  double min = -std::numeric_limits<double>::infinity();
  double max = std::numeric_limits<double>::infinity();
  bool min_open = false;
  bool max_open = false;
};

struct Field {
  std::string key;  // dotted: "model.channels"
  FieldType type;
  Bounds bounds;                     // kInteger and kReal
  std::vector<std::string> choices;  // kChoice
  std::string unit;                  // "frames", "pixels", ...; may be empty
  std::string help;                  // one sentence
  std::function<FieldValue(const Recipe&)> get;
  // value must hold the alternative of `type` and be accepted by violation().
  std::function<void(Recipe&, const FieldValue&)> set;
};

// A group of keys: "train" holds "train.steps" and its like.
struct Section {
  std::string name;  // "" for the keys at the top
  std::string help;
};

// In the order in which recipes are written.
const std::vector<Field>& recipe_fields();

// The top-level sections in the same order.
const std::vector<Section>& recipe_sections();

// nullptr where no field has that key.
const Field* find_field(std::string_view key);

// What the field accepts: "an integer >= 1", "a number in (0, 1]", "one of adam, adamw, sgd".
std::string expectation(const Field& field);

// "", or what the field accepts where value is out of bounds, not finite, no choice or not UTF-8.
std::string violation(const Field& field, const FieldValue& value);

// The value as --set takes it: "true", "16", "0.003" (shortest exact form), "adam".
std::string to_text(const FieldValue& value);

// The value as JSON, of its own type.
nlohmann::ordered_json value_as_json(const FieldValue& value);

struct FieldDifference {
  std::string key;
  FieldValue from, to;
};

// The fields that differ between two recipes, in the order of the table.
std::vector<FieldDifference> differences_between(const Recipe& from, const Recipe& to);

// problem is empty, or says what was found and what is expected; value holds nothing useful then.
struct ReadValue {
  FieldValue value;
  std::string problem;
};

// The value that a field gets from JSON, or from the text of --set.
ReadValue read_value(const Field& field, const nlohmann::json& found);
ReadValue read_value(const Field& field, const std::string& text);

// "an object", "\"text\"", "3.5": what a message says was found.
std::string describe_found(const nlohmann::json& found);

// The last parts of a key that no other field's key ends in: "l1.weight" of loss.l1.weight, but
// "learning_rate" of train.learning_rate.
std::string short_key(const std::string& key);

// Suggestions for misspelt names: "did you mean".

// The candidate nearest to text by edit distance, or "" where none is near enough to be meant.
std::string nearest(const std::string& text, const std::vector<std::string>& candidates);

// The key of a field or section nearest to an unknown dotted key, or "". A name in the wrong
// section is near.
std::string nearest_key(const std::string& key);

// "\"modl\": unknown key; did you mean model?", or which keys its section has where none is near.
std::string unknown_key(const std::string& key);

// The names directly under a section of the recipe ("" is the top), "steps, batch, ..."; "" where
// it is none.
std::string names_under(const std::string& section);

// "; did you mean NAME?", or "" without a name.
std::string did_you_mean(const std::string& name);

// Checks of a whole recipe.

struct RecipeProblem {
  std::vector<std::string> keys;  // the fields concerned; `text` shows the first
  std::string text;               // "key = value: violated rule"
};

// Every violated bound and every violated rule between fields; empty where the recipe is sound.
std::vector<RecipeProblem> problems_of(const Recipe& recipe);

// Throws ConfigError that lists problems_of(recipe). Call it on a recipe that was built in code:
// reading one from a file or the command line includes this check.
void validate(const Recipe& recipe);

// Throws ConfigError that lists the problems, unless there are none, and says where the keys are
// explained. what: "recipe" or "sweep".
void throw_if_any(const std::vector<std::string>& problems, const std::string& what);

// Text made from the table.

// Nested JSON with every field in the order of the table; numbers in the shortest form that reads
// back exactly. recipe_from_json() reads it.
std::string to_json(const Recipe& recipe);

// JSON Schema (draft 2020-12) of a recipe file, for editors.
std::string json_schema();

// docs/recipes.md.
std::string reference_markdown();

}  // namespace proxseg
