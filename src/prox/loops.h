// What this folder's loops on the CPU share: float32 and float64 values, and sums in float64.
#pragma once

#include <algorithm>

#include "core/torch.h"

namespace proxseg {

// Calls body with a value of the C++ type of x, float32 or float64.
template <typename Body>
auto by_type(const torch::Tensor& x, const Body& body) {
  if (x.scalar_type() == torch::kDouble) return body(double());
  return body(float());
}

// Sum of term(i) over [0, size), many sums side by side for the processor's vectors: those of the
// function that calls it (PROXSEG_VECTORIZED), hence always inline.
template <typename Term>
[[gnu::always_inline]] inline double sum_in_lanes(int64_t size, Term term) {
  constexpr int64_t kLanes = 32;
  double lanes[kLanes] = {};
  for (int64_t i = 0; i < size; i += kLanes) {
    const int64_t count = std::min(kLanes, size - i);
    for (int64_t j = 0; j < count; ++j) lanes[j] += term(i + j);
  }
  double sum = 0.0;
  for (const double lane : lanes) sum += lane;
  return sum;
}

}  // namespace proxseg
