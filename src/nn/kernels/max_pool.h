// Max pooling that keeps no indices.
#pragma once

#include <torch/types.h>

namespace proxseg {

// torch::max_pool2d(x, 2), its gradient included: to the first of the largest of a window. x: [N,
// C, H, W] floating point. Returns [N, C, H/2, W/2], sizes rounded down, channels last where it has
// loops.
torch::Tensor max_pool(const torch::Tensor& x);

}  // namespace proxseg
