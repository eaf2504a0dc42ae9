// Methods compared on sequences with ground truth, as the command compare offers it.
#pragma once

#include <string>
#include <vector>

#include "cli/recipe_arguments.h"
#include "proxseg/eval/comparison.h"

namespace proxseg::cli {

// The names of those baselines that are compared unless others are asked for.
std::vector<std::string> default_methods();

struct ComparisonArguments {
  RecipeArguments recipe;
  std::string input;   // a sequence, or a tree of them
  std::string output;  // folder of all that is written
  std::vector<std::string> methods = default_methods();
  std::string model;  // used instead of training; "" if there is none
  bool force = false;
};

// The network and each method on each sequence; results that an earlier call has left in output are
// taken over, unless force. Throws, before any work, InputError for a sequence without ground
// truth, UsageError for an unknown method, OutputError for results of other settings; Error of
// ExitCode::kInterrupted after Ctrl-C, results finished by then are kept.
Comparison compare_methods(const ComparisonArguments& arguments);

}  // namespace proxseg::cli
