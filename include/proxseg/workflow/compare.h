// A trained network and classical methods, side by side on sequences with ground truth.
#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "proxseg/eval/comparison.h"
#include "proxseg/workflow/pipeline.h"

namespace proxseg {

// The classical methods that are compared by default.
std::vector<std::string> default_methods();

struct CompareOptions {
  std::string input;              // a sequence, or a tree of them
  std::filesystem::path output;   // masks in DIR/SEQUENCE/METHOD, the network in DIR/SEQUENCE/run
  ResolvedRecipe recipe;          // to train by; unused with a model
  std::string model = {};         // run folder or model.safetensors to use instead of training
  std::vector<Override> changes;  // to the model's recipe
  std::vector<std::string> methods = default_methods();
  bool force = false;  // recompute existing results
};

// Measures the network and each method on each sequence. A result is kept in
// DIR/SEQUENCE/METHOD/result.json with all that it depends on; later calls reuse it, unless
// options.force.
// Throws, before any work, InputError for a sequence without ground truth, UsageError for an
// unknown method, OutputError for results of another recipe, model or sequence; Error of
// ExitCode::kInterrupted when stopped, which keeps finished results.
Comparison compare_methods(const CompareOptions& options, const WorkCallbacks& callbacks);

}  // namespace proxseg
