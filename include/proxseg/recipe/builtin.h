// The recipes of configs/, compiled into the library so that a program finds them anywhere.
#pragma once

#include <string_view>
#include <vector>

namespace proxseg {

struct BuiltinRecipe {
  std::string_view name;  // "default": configs/default.json
  std::string_view text;  // the file, comments included
};

// Sorted by name.
const std::vector<BuiltinRecipe>& builtin_recipes();

}  // namespace proxseg
