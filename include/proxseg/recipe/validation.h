// What a recipe must obey beyond the type of each field.
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

// Throws ConfigError listing problems_of(recipe).
void require_valid(const Recipe& recipe);

}  // namespace proxseg
