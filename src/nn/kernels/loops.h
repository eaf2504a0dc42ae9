// What this folder's loops run over: values in channels-last memory of the CPU, float32 or
// bfloat16.
#pragma once

#include "core/vectorized.h"

namespace proxseg {

inline constexpr auto kChannelsLast = torch::MemoryFormat::ChannelsLast;

inline bool has_loops(torch::ScalarType type) {
  return kLoopsPay && (type == torch::kFloat32 || type == torch::kBFloat16);
}

inline bool has_loops(const torch::Tensor& x) { return x.is_cpu() && has_loops(x.scalar_type()); }

}  // namespace proxseg
