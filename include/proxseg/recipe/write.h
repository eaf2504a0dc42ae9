// What is written from the table of fields: recipes, their JSON schema and their reference page.
#pragma once

#include <string>

#include "proxseg/recipe/recipe.h"

namespace proxseg {

// Nested JSON with every field in the order of the table; numbers in the shortest form that reads
// back exactly. recipe_from_json() reads it.
std::string to_json(const Recipe& recipe);

// JSON Schema (draft 2020-12) of a recipe file, for editors.
std::string json_schema();

// docs/recipes.md.
std::string reference_markdown();

}  // namespace proxseg
