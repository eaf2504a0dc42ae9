// Reading recipes: built-in ones, files and single values, in layers.
#pragma once

#include <filesystem>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "proxseg/recipe/recipe.h"

namespace proxseg {

struct BuiltinRecipe {
  std::string_view name;  // "default": configs/default.json
  std::string_view text;  // the file, comments included
};

// The recipes of configs/, compiled into the library so that a program finds them anywhere. Sorted
// by name.
const std::vector<BuiltinRecipe>& builtin_recipes();

struct RecipeText {
  std::string id;                // equal for the same recipe, however it is named
  std::string label;             // in messages and origins
  std::filesystem::path folder;  // that paths in its `extends` are relative to
  std::string text;
};

// Whether it is the path of a file: it has a '/' or ends in .json. All else names a built-in recipe.
bool is_recipe_path(const std::string& name_or_path);

// name_or_path: a path is relative to folder. Throws ConfigError: no such recipe, unreadable, larger
// than 1 MiB.
RecipeText locate_recipe(const std::string& name_or_path, const std::filesystem::path& folder);

// One value from the command line.
struct Override {
  std::string assignment;      // "train.batch=8"
  std::string flag = "--set";  // the flag that stands in messages and origins, e.g. "--seed"
};

struct ResolvedRecipe {
  Recipe recipe;
  // Where each field's value comes from, by key: "default", "configs/x.json:12",
  // "built-in fast.json:5", "--set".
  std::map<std::string, std::string> origins;
};

// Layers, of which later ones win: the defaults of Recipe, what the recipe `extends`, the recipe
// itself, overrides. A name with a '/' or the ending .json is a file (JSON with comments), else a
// built-in recipe; so for `extends`, where a path is relative to the file that holds it. Throws
// ConfigError that lists every problem, each with file:line or flag, key, what was found and what
// is expected: unreadable file, larger than 1 MiB, not UTF-8, syntax error, unknown or duplicate
// key, wrong type, out of range, rules between fields (fields.h), cycle of `extends`.
ResolvedRecipe resolve_recipe(const std::string& name_or_path,
                              const std::vector<Override>& overrides = {});

// resolve_recipe() without the origins.
Recipe load_recipe(const std::string& name_or_path, const std::vector<Override>& overrides = {});

// A recipe as to_json() wrote it, e.g. from a model's metadata. Missing keys take their defaults;
// `extends` is refused, so that no other file is read. label replaces the file name in messages.
// Overrides win over what is stored. Throws ConfigError as resolve_recipe() does.
Recipe recipe_from_json(std::string_view text, const std::string& label,
                        const std::vector<Override>& overrides = {});

}  // namespace proxseg
