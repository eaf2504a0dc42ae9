// Pixel-(un)shuffles between images in any memory format and channels-last cells.
#pragma once

#include <torch/types.h>

namespace proxseg {

// torch::pixel_unshuffle(x, r) as `type` in channels-last memory. x: [N, C, H, W], H and W
// multiples of r.
torch::Tensor unshuffle_pixels(const torch::Tensor& x, int64_t r, torch::ScalarType type);

// torch::pixel_shuffle(x, r) as `type`. x: [N, C r^2, H, W].
torch::Tensor shuffle_pixels(const torch::Tensor& x, int64_t r, torch::ScalarType type);

}  // namespace proxseg
