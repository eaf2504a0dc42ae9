// The decoder's way up: features of twice the size beside those of the encoder.
#pragma once

#include <torch/types.h>

namespace proxseg {

// cat(upsample_bilinear2d(x, 2 H x 2 W, align_corners = false), features), in one pass on the CPU.
// x: [N, C, H, W]; features: [N, D, 2 H, 2 W]; both of one floating dtype. Returns [N, C + D, 2 H,
// 2 W] in channels-last memory. Differentiable.
torch::Tensor upsample_beside(const torch::Tensor& x, const torch::Tensor& features);

}  // namespace proxseg
