// Pixel-(un)shuffles of images in channels-last memory.
#pragma once

#include <torch/types.h>

namespace proxseg {

// torch::pixel_unshuffle(x, r) in channels-last memory. x: [N, C, H, W], H and W multiples of r.
torch::Tensor unshuffle_pixels(const torch::Tensor& x, int64_t r);

// torch::pixel_shuffle(x, r). x: [N, C r^2, H, W].
torch::Tensor shuffle_pixels(const torch::Tensor& x, int64_t r);

}  // namespace proxseg
