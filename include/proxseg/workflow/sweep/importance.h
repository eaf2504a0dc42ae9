// Which fields of a sweep mattered, and which pairs of them only together.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "proxseg/workflow/sweep/results.h"

namespace proxseg {

// A share of the variance of the results over the searched space, as functional ANOVA splits it
// (Hutter, Hoos and Leyton-Brown 2014, "An Efficient Approach for Assessing Hyperparameter
// Importance"): of one field by itself, or of two beyond what each does by itself.
struct Importance {
  std::vector<std::string> fields;  // one or two
  double share = 0.0;               // in [0, 1]
};

// Single fields, most important first, then at most kMostPairs pairs that matter. Results are those
// of the ranked trials less the mean of their sequence, so that sequences of unlike difficulty do
// not count; a random forest (OpenCV) stands for what was not tried, so that it does not matter how
// the points were chosen, at random or by a search that learns. All shares sum to at most 1.
// Empty for fewer than kFewConfigurations configurations with a result, after successive halving,
// or where all results are alike. Seeds are no field of it: they are part of what is left.
std::vector<Importance> importances_of(const SweepResults& results);
inline constexpr int64_t kFewConfigurations = 12;
inline constexpr size_t kMostPairs = 5;

// Why there are no importances_of() these results, as a sentence: there are too few configurations.
// "" where there are some, or could be none anyway.
std::string missing_importances(const SweepResults& results);

}  // namespace proxseg
