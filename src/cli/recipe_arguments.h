// The flags that set the recipe, the same for every command that needs one.
#pragma once

#include <CLI/CLI.hpp>
#include <map>
#include <string>
#include <vector>

#include "proxseg/recipe/load.h"

namespace proxseg::cli {

struct RecipeArguments {
  std::string config = "default";                  // --config: a built-in recipe or a file
  std::vector<std::string> assignments;            // --set KEY=VALUE, in order
  std::map<std::string, std::string> field_flags;  // by key: --seed, --device, ... where given
};

// Adds --set to command. arguments must outlive the parse.
void add_set_option(CLI::App& command, RecipeArguments& arguments,
                    const char* example = "train.steps=500");

// Adds --config, --set and a flag for each of those fields. arguments must outlive the parse.
void add_recipe_arguments(CLI::App& command, RecipeArguments& arguments,
                          const std::vector<std::string>& fields = {"seed", "device", "precision",
                                                                    "threads", "input.roi"},
                          const char* example = "train.steps=500");

// Adds a flag that is short for --set of the field and wins over it, named after the last part of
// its key: --engine for infer.engine. arguments must outlive the parse. source: whose value holds
// where it is not given, as --help says.
void add_field_flag(CLI::App& command, RecipeArguments& arguments, const std::string& key,
                    const char* source = "the recipe's");

// What --set and the flags of single fields say; later ones win.
std::vector<Override> overrides_of(const RecipeArguments& arguments);

// Whether --set or a flag of its own sets the field.
bool is_given(const RecipeArguments& arguments, const std::string& key);

// Throws UsageError if --set or a flag sets a field outside this list; a key that ends in '.'
// stands for all keys that begin with it. Keys of no field are left to resolve().
void expect_effect(const RecipeArguments& arguments, const std::vector<std::string>& fields);

// With the fields that say which frames of an input are segmented.
std::vector<std::string> with_fields_of_frames(std::vector<std::string> fields);

// The fields that have an effect where a network that is there segments frames.
std::vector<std::string> fields_of_inference();

// Throws UsageError for settings of a model's recipe that would change nothing, or that this machine cannot follow.
void check_settings(const RecipeArguments& arguments, const Recipe& recipe);

// Throws ConfigError as resolve_recipe() does.
ResolvedRecipe resolve(const RecipeArguments& arguments);

// resolve() for a training: it takes the shape of the network that it starts from where
// take_initial_shape() does, and says so on stderr.
ResolvedRecipe resolve_training(const RecipeArguments& arguments);

}  // namespace proxseg::cli
