// What hand-written loops over tensors share.
#pragma once

#include <algorithm>

#include "core/clones.h"
#include "core/torch.h"

namespace proxseg {

// Whether loops that only repeat what an ATen kernel does are worth taking: where they use the
// processor's vectors, by PROXSEG_VECTORIZED or because every processor of the architecture has
// them (NEON). Builds with sanitizers take them as well, to watch them.
#if PROXSEG_HAS_CLONES || defined(__aarch64__)
inline constexpr bool kLoopsPay = true;
#else
inline constexpr bool kLoopsPay = false;
#endif

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

// Calls body with a value of the C++ type that `type` names, which must be one of Types.
template <typename Type, typename... Types, typename Body>
auto by_type(torch::ScalarType type, const Body& body) {
  if constexpr (sizeof...(Types) > 0) {
    if (type != c10::CppTypeToScalarType<Type>::value) return by_type<Types...>(type, body);
  }
  return body(Type());
}

}  // namespace proxseg
