// The tree-structured Parzen estimator of Bergstra et al. (2011), "Algorithms for Hyper-Parameter
// Optimization", over all fields together, as Watanabe (2023), arXiv 2304.11127, advises for few
// trials. With l the density of the points that did well and g that of all others, the next point
// is the one among draws from l where l / g, and so the expected improvement, is largest.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <random>
#include <vector>

namespace proxseg {

// A point: for each field where in [0, 1] its value lies, see place_of(); nothing where the field
// does not take part.
using Places = std::vector<std::optional<double>>;

struct TpeField {
  int64_t choices = 0;  // 0: a number
};

struct TpeObservation {
  Places at;
  double cost = 0.0;  // only the order of the costs counts
};

// drop_inactive: takes away the fields that do not take part in a point.
Places suggest(const std::vector<TpeField>& fields, std::vector<TpeObservation> seen,
               const std::function<void(Places&)>& drop_inactive, std::mt19937_64& random);

}  // namespace proxseg
