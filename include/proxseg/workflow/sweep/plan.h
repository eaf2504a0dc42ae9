// The trials that a sweep file describes.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "proxseg/media/sequences.h"
#include "proxseg/recipe/load.h"
#include "proxseg/workflow/sweep/sweep_file.h"

namespace proxseg {

// One configuration on one sequence.
struct PlannedTrial {
  // The first twelve hexadecimal digits of the SHA-256 of the resolved recipe without its
  // description and of the sequence: its canonical path and the names and sizes of its files. It
  // does not depend on what else the sweep holds.
  std::string id;
  std::string configuration;  // the same of the recipe alone, without its seed
  NamedSequence sequence;     // path: absolute
  bool has_ground_truth = false;
  ResolvedRecipe recipe;
  Point point;  // the fields that the search varies
};

struct SweepPlan {
  // Those that are known without any result, in the order of the file, for each seed and input;
  // each id once.
  std::vector<PlannedTrial> trials;
  int64_t most_trials = 0;  // that there may be in the end: more than these where a search learns
  std::optional<Halving> halving;
  std::optional<Pruning> pruning;
  std::optional<double> budget;      // seconds
  std::set<std::string> log_fields;  // drawn log-uniformly
  // Of a search that learns; propose() (workflow/sweep/proposals.h) goes on with it.
  std::optional<TpeSearch> tpe;
  // The trials of another point; none where it breaks a rule between fields.
  std::function<std::vector<PlannedTrial>(const Point&)> trials_of;
};

// Reads a sweep file and all that it names. overrides: fixed fields, which win over those that the file
// fixes. Where train.init names a network, the trials take its shape as take_initial_shape() does.
// Throws ConfigError, or InputError where only inputs are at fault, listing every problem with its
// place, in the order of the lines: those of read_sweep_file(), a base that cannot be read, rules
// between fields that a trial breaks, a network of another shape than the one that it starts from, an
// override of a searched field, inputs without a sequence or with ground truth that cannot be used.
SweepPlan plan_sweep(const std::string& path, const std::vector<Override>& overrides = {});

}  // namespace proxseg
