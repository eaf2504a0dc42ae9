// Norms after convolutions.
#pragma once

#include <torch/types.h>

#include <algorithm>

namespace proxseg {

// Epsilon of batch and group norms.
constexpr double kNormEpsilon = 1e-5;

// Groups of the group norm over so many channels: 8, or the next smaller number that divides them.
inline int64_t group_count(int64_t channels) {
  int64_t groups = std::min<int64_t>(8, channels);
  while (channels % groups != 0) --groups;
  return groups;
}

struct Convolution {
  torch::Tensor weight;  // [out, in, kh, kw]
  torch::Tensor bias;    // [out]
};

struct BatchNorm {
  torch::Tensor weight, bias, mean, variance;  // [out] each
};

// The one convolution that equals a convolution followed by a norm in inference mode:
//   conv'(x) = scale * conv(x) + shift
// with scale = gamma / sqrt(var + eps) and shift = beta - scale * mean
inline Convolution fold(const Convolution& convolution, const BatchNorm& norm) {
  const auto scale = norm.weight / torch::sqrt(norm.variance + kNormEpsilon);
  return {convolution.weight * scale.view({-1, 1, 1, 1}),
          (convolution.bias - norm.mean) * scale + norm.bias};
}

}  // namespace proxseg
