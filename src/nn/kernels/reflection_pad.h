// Reflection by one pixel that stays in channels-last memory.
#pragma once

#include <torch/types.h>

namespace proxseg {

// x: [N, C, H, W], H and W >= 2. Returns [N, C, H + 2, W + 2] in channels-last memory, each border
// the mirror image of what lies one pixel inside. Differentiable. The same as
// torch::reflection_pad2d, which leaves channels-last memory and takes several times as long for
// it.
torch::Tensor reflection_pad(const torch::Tensor& x);

}  // namespace proxseg
