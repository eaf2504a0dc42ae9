// Pixel-(un)shuffles between images in any memory format and channels-last cells. All keep the
// dtype.
#pragma once

#include <torch/types.h>

namespace proxseg {

// torch::pixel_unshuffle(x, r) in channels-last memory. x: [N, C, H, W], H and W multiples of r.
torch::Tensor unshuffle_pixels(const torch::Tensor& x, int64_t r);

// The same of pad_to_stride(x, stride) in the order of the pixels, which a channels-last image has
// in memory: channel (r i + j) C + c of a cell is channel c of its pixel in row i and column j.
// Without autograd. stride: a multiple of r.
torch::Tensor stack_pixels(const torch::Tensor& x, int64_t r, int64_t stride);

// stack_pixels(x, r, r) = unshuffle_pixels(x, r).index_select(1, stacking_order(C, r))
torch::Tensor stacking_order(int64_t channels, int64_t r);

// torch::pixel_shuffle(x, r). x: [N, C r^2, H, W].
torch::Tensor shuffle_pixels(const torch::Tensor& x, int64_t r);

}  // namespace proxseg
