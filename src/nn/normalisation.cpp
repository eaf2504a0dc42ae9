#include "nn/normalisation.h"

#include <algorithm>

namespace proxseg {

int64_t group_count(int64_t channels) {
  constexpr int64_t kGroups = 8;
  int64_t groups = std::min(kGroups, channels);
  while (channels % groups != 0) --groups;
  return groups;
}

// conv'(x) = scale * conv(x) + shift
// with scale = gamma / sqrt(var + eps) and shift = beta - scale * mean
Convolution fold(const Convolution& convolution, const BatchNorm& norm) {
  const auto scale = norm.weight / torch::sqrt(norm.variance + kNormEpsilon);
  return {convolution.weight * scale.view({-1, 1, 1, 1}),
          (convolution.bias - norm.mean) * scale + norm.bias};
}

}  // namespace proxseg
