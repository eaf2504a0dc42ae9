// What this folder's loops run over: values in channels-last memory of the CPU, float32 or
// bfloat16.
#pragma once

#include "core/torch.h"

namespace proxseg {

inline constexpr auto kChannelsLast = torch::MemoryFormat::ChannelsLast;

inline bool has_loops(torch::ScalarType type) {
  return type == torch::kFloat32 || type == torch::kBFloat16;
}

inline bool has_loops(const torch::Tensor& x) { return x.is_cpu() && has_loops(x.scalar_type()); }

// Calls body with a value of the C++ type of `type`, one that has loops.
template <typename Body>
auto by_type(torch::ScalarType type, const Body& body) {
  return type == torch::kFloat32 ? body(float()) : body(c10::BFloat16());
}

}  // namespace proxseg
