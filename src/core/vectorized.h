// What hand-written loops over tensors share.
#pragma once

#include <algorithm>

#include "core/torch.h"

#if defined(__x86_64__) && defined(__GNUC__) && !defined(__clang__)
#define PROXSEG_HAS_CLONES true
#else
#define PROXSEG_HAS_CLONES false
#endif

// In front of a function: it is compiled for every x86-64, for AVX2 and for AVX-512, and the loader
// takes what the processor can run. Only GCC can do so for templates, and sanitizers start after
// the loader has chosen.
#if PROXSEG_HAS_CLONES && !defined(__SANITIZE_THREAD__) && !defined(__SANITIZE_ADDRESS__)
#define PROXSEG_VECTORIZED [[gnu::target_clones("arch=x86-64-v4", "arch=x86-64-v3", "default")]]
#else
#define PROXSEG_VECTORIZED
#endif

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
