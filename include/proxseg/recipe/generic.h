// The network that the program itself holds, and what a training starts from.
#pragma once

#include <filesystem>
#include <string>

#include "proxseg/recipe/recipe.h"

namespace proxseg {

// Stands in place of a path of model.h for the network that the program itself holds, trained on
// generated scenes (data/generic/README.md); its recipe is the built-in default. A file or folder of
// that name is "./generic".
inline constexpr const char* kGenericModel = "generic";

// What train.init stands for: a path of model.h, or empty for random weights ("none"). "auto" is
// kGenericModel where the recipe's network is that of the default, else random weights.
std::filesystem::path initial_weights(const Recipe& recipe);

// SHA-256 of a model's file in hexadecimal. Throws ModelError if it cannot be read.
std::string sha256_of_model(const std::filesystem::path& path);

}  // namespace proxseg
