// Bounds and rules that a recipe must obey beyond the type of each field.
#pragma once

#include <string>
#include <vector>

#include "proxseg/recipe/recipe.h"

namespace proxseg {

struct RecipeProblem {
  std::vector<std::string> keys;  // the fields concerned; `text` shows the first
  std::string text;               // "key = value: violated rule"
};

// Every violated bound and every violated rule between fields; empty where the recipe is sound.
std::vector<RecipeProblem> problems_of(const Recipe& recipe);

// Throws ConfigError that lists problems_of(recipe). Call it on a recipe that was built in code:
// reading one from a file or the command line includes this check.
void validate(const Recipe& recipe);

// Throws ConfigError that lists the problems, unless there are none. what: "recipe", "sweep".
void throw_if_any(const std::vector<std::string>& problems, const std::string& what);

}  // namespace proxseg
