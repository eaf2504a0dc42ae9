// The files that a recipe names, by what they hold: results depend on it.
#pragma once

#include <map>
#include <string>

#include "proxseg/recipe/recipe.h"

namespace proxseg {

// Their paths by field, background.file and input.roi, also of what is no file, such as a polygon.
std::map<std::string, std::string> named_files(const Recipe& recipe);

// The SHA-256 of each that is there.
std::map<std::string, std::string> hashes_of_files(const Recipe& recipe);

// Of the weights that train.init names; empty without. Throws ModelError.
std::string sha256_of_init(const Recipe& recipe);

}  // namespace proxseg
