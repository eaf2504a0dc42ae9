// Norms after convolutions.
#pragma once

#include <torch/types.h>

namespace proxseg {

// Epsilon of batch and group norms.
constexpr double kNormEpsilon = 1e-5;

// Groups of the group norm over so many channels: 8, or the next smaller number that divides them.
int64_t group_count(int64_t channels);

struct Convolution {
  torch::Tensor weight;  // [out, in, kh, kw]
  torch::Tensor bias;    // [out]
};

struct BatchNorm {
  torch::Tensor weight, bias, mean, variance;  // [out] each
};

// The one convolution that equals a convolution followed by a norm in inference mode.
Convolution fold(const Convolution& convolution, const BatchNorm& norm);

}  // namespace proxseg
