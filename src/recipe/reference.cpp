#include <fmt/format.h>

#include "proxseg/recipe/builtin.h"
#include "proxseg/recipe/fields.h"
#include "proxseg/recipe/load.h"
#include "proxseg/recipe/write.h"

namespace proxseg {
namespace {

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

| name | what it is for |
|---|---|
)";

std::string builtin_rows() {
  std::string rows;
  for (const BuiltinRecipe& builtin : builtin_recipes()) {
    const std::string name(builtin.name);
    rows += fmt::format("| [`{0}`](../configs/{0}.json) | {1} |\n", name,
                        load_recipe(name).description);
  }
  return rows;
}

// Bars would end the cell.
std::string cell(const std::string& text) {
  std::string escaped;
  for (const char c : text) escaped += c == '|' ? "\\|" : std::string(1, c);
  return escaped;
}

std::string default_of(const Field& field) {
  const std::string text = to_text(field.get(Recipe{}));
  return text.empty() ? "empty" : "`" + text + "`";
}

std::string row_of(const Field& field) {
  const std::string unit = field.unit.empty() ? "" : " (" + field.unit + ")";
  return fmt::format("| `{}` | {} | {}{} | {} |\n", field.key, default_of(field),
                     cell(expectation(field)), unit, cell(field.help));
}

std::string section_table(const Section& section) {
  std::string text =
      fmt::format("\n### {}\n\n{}\n\n| key | default | value | meaning |\n|---|---|---|---|\n",
                  section.name.empty() ? "Run" : "`" + section.name + "`", section.help);
  for (const Field& field : recipe_fields()) {
    const size_t dot = field.key.find('.');
    const std::string name = dot == std::string::npos ? "" : field.key.substr(0, dot);
    if (name == section.name) text += row_of(field);
  }
  return text;
}

}  // namespace

std::string reference_markdown() {
  std::string page = kIntroduction + builtin_rows() + "\n## Keys\n";
  for (const Section& section : recipe_sections()) page += section_table(section);
  return page;
}

}  // namespace proxseg
