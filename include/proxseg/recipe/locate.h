// Finding the text of a recipe by name or path.
#pragma once

#include <filesystem>
#include <string>

namespace proxseg {

struct RecipeText {
  std::string id;                // equal for the same recipe, however it is named
  std::string label;             // in messages and origins
  std::filesystem::path folder;  // that paths in its `extends` are relative to
  std::string text;
};

// A name with a '/' or the ending .json is a file, relative to folder, else a built-in recipe.
// Throws ConfigError: no such recipe, unreadable, larger than 1 MiB.
RecipeText locate_recipe(const std::string& name_or_path, const std::filesystem::path& folder);

}  // namespace proxseg
