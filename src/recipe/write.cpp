#include "proxseg/recipe/fields.h"

#include <fmt/format.h>

#include <cmath>
#include <nlohmann/json.hpp>

#include "proxseg/core/text.h"
#include "proxseg/recipe/load.h"

namespace proxseg {
namespace {

using nlohmann::ordered_json;

// "loss.l1.weight" as the JSON pointer "/loss/l1/weight"; `between` stands before each part, as in
// "/properties/loss/properties/l1/properties/weight".
ordered_json::json_pointer pointer_to(const std::string& key, const std::string& between = "") {
  std::string path = between + "/";
  for (const char c : key) path += c == '.' ? between + "/" : std::string(1, c);
  return ordered_json::json_pointer(path);
}

const char* type_name(FieldType type) {
  switch (type) {
    case FieldType::kBool:
      return "boolean";
    case FieldType::kInteger:
      return "integer";
    case FieldType::kReal:
      return "number";
    case FieldType::kChoice:
    case FieldType::kText:
      return "string";
  }
  return "";
}

ordered_json bound(const Field& field, double value) {
  if (field.type == FieldType::kInteger) return static_cast<int64_t>(value);
  return value;
}

ordered_json schema_of(const Field& field) {
  ordered_json schema = {{"type", type_name(field.type)}, {"description", field.help}};
  schema["default"] = value_as_json(field.get(Recipe{}));
  const Bounds& bounds = field.bounds;
  if (std::isfinite(bounds.min)) {
    schema[bounds.min_open ? "exclusiveMinimum" : "minimum"] = bound(field, bounds.min);
  }
  if (std::isfinite(bounds.max)) {
    schema[bounds.max_open ? "exclusiveMaximum" : "maximum"] = bound(field, bounds.max);
  }
  if (!field.choices.empty()) schema["enum"] = field.choices;
  return schema;
}

// An object that takes no key but its properties, which follow later.
ordered_json closed_object() { return {{"type", "object"}, {"additionalProperties", false}}; }

constexpr const char* kIntroduction =
    R"(<!-- Written by `proxseg config reference`. Do not edit. -->
# Recipes

A recipe decides everything about a training run. It is a JSON file in which `//` and `/* */`
comments are welcome:

```json
{
  "extends": "default",          // a built-in recipe, or a path relative to this file
  "description": "Car park, camera 3",
  "input": { "scale": 0.5 },
  "train": { "steps": 500 }      // everything that is not said stays as it was
}
```

## Layers

Values come in layers, and later ones win:

1. the defaults below,
2. the recipe that this one `extends` (and what that one extends),
3. the recipe itself,
4. the command line: `--set train.steps=500`; `--seed`, `--device`, `--precision`, `--threads`
   and `--roi` are short for `--set` of those keys.

`proxseg config show my.json --origin` prints every value and where it comes from, `proxseg config
check my.json` lists everything that is wrong with a file. An unknown key is an error, never
ignored. In a file, dotted keys are nested: `loss.tv.weight` is `{"loss": {"tv": {"weight": 1}}}`.
An editor checks and completes recipes with the output of `proxseg config schema` saved beside them
and `"$schema": "schema.json"` in the recipe.

## Built-in recipes

A name without `/` and `.json` stands for one of these, which are part of the program:

)";

std::string table_of_builtin_recipes() {
  std::vector<Cells> rows = {{"name", "what it is for"}};
  for (const BuiltinRecipe& builtin : builtin_recipes()) {
    const std::string name(builtin.name);
    rows.push_back(
        {fmt::format("[`{0}`](../configs/{0}.json)", name), load_recipe(name).description});
  }
  return markdown_table(rows, 2);
}

Cells row_of(const Field& field) {
  const std::string value = to_text(field.get(Recipe{}));
  const std::string unit = field.unit.empty() ? "" : " (" + field.unit + ")";
  return {"`" + field.key + "`", value.empty() ? "empty" : "`" + value + "`",
          expectation(field) + unit, field.help};
}

std::string part_about(const Section& section) {
  std::vector<Cells> rows = {{"key", "default", "value", "meaning"}};
  for (const Field& field : recipe_fields()) {
    const size_t dot = field.key.find('.');
    const std::string name = dot == std::string::npos ? "" : field.key.substr(0, dot);
    if (name == section.name) rows.push_back(row_of(field));
  }
  return fmt::format("\n### {}\n\n{}\n\n{}",
                     section.name.empty() ? "Run" : "`" + section.name + "`", section.help,
                     markdown_table(rows, rows[0].size()));
}

}  // namespace

std::string to_json(const Recipe& recipe) {
  ordered_json tree;
  for (const Field& field : recipe_fields()) {
    tree[pointer_to(field.key)] = value_as_json(field.get(recipe));
  }
  return json_text(tree);
}

std::string json_schema() {
  ordered_json schema = {{"$schema", "https://json-schema.org/draft/2020-12/schema"},
                         {"title", "proxseg recipe"}};
  schema.update(closed_object());
  schema["properties"]["$schema"] = {{"type", "string"}};
  schema["properties"]["extends"] = {
      {"type", "string"},
      {"description", "A built-in recipe, or the path of one relative to this file, to build on."}};
  for (const Field& field : recipe_fields()) {
    for (size_t dot = field.key.find('.'); dot != std::string::npos;
         dot = field.key.find('.', dot + 1)) {
      ordered_json& section = schema[pointer_to(field.key.substr(0, dot), "/properties")];
      if (section.is_null()) section = closed_object();
    }
    schema[pointer_to(field.key, "/properties")] = schema_of(field);
  }
  for (const Section& section : recipe_sections()) {
    if (section.name.empty()) continue;
    schema["properties"][section.name]["description"] = section.help;
  }
  return json_text(schema);
}

std::string reference_markdown() {
  std::string page = kIntroduction + table_of_builtin_recipes() + "\n## Keys\n";
  for (const Section& section : recipe_sections()) page += part_about(section);
  return page;
}

}  // namespace proxseg
