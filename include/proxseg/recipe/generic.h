// The network that the program itself holds, and what a training starts from.
#pragma once

#include <filesystem>
#include <string>

#include "proxseg/recipe/load.h"

namespace proxseg {

// Stands in place of a path of model.h for the network that the program itself holds, trained on
// generated scenes (data/generic/README.md); its recipe is the built-in default. A file or folder of
// that name is "./generic".
inline constexpr const char* kGenericModel = "generic";

// What train.init stands for: a path of model.h, or empty for random weights ("none"). "auto" is
// kGenericModel where the recipe's network is that of the default, else random weights.
std::filesystem::path initial_weights(const Recipe& recipe);

// Where train.init names a network, the recipe takes the shape of that network: its keys of model.
// that came from nowhere or from a built-in recipe. It takes nothing where the form is another, where
// a key that the user set himself, in a file or by --set, differs, and where the file holds no
// recipe. Returns what was taken, "model.channels = 4, ...", or "". Throws ConfigError where the
// recipe forbids that shape.
std::string take_initial_shape(ResolvedRecipe& resolved);

// SHA-256 of a model's file in hexadecimal. Throws ModelError if it cannot be read.
std::string sha256_of_model(const std::filesystem::path& path);

}  // namespace proxseg
