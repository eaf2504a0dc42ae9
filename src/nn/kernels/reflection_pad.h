// Reflection by one pixel that stays in channels-last memory.
#pragma once

#include <torch/types.h>

namespace proxseg {

// torch::reflection_pad2d(x, {1, 1, 1, 1}) in channels-last memory, where LibTorch's takes several
// times as long. x: [N, C, H, W], H and W >= 2. Returns [N, C, H + 2, W + 2]. Differentiable.
torch::Tensor reflection_pad(const torch::Tensor& x);

}  // namespace proxseg
