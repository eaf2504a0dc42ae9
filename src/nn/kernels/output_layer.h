// The last layer of the network: values of cells from features, put in place as pixels.
#pragma once

#include <torch/types.h>

#include "nn/normalisation.h"

namespace proxseg {

// shuffle_pixels(conv2d(cat([features, |cells|], 1), weight, bias), r) in float32 (float64 of
// float64): on the CPU and where nothing asks for gradients one pass over the cells.
// features: [N, F, H, W]. cells: [N, D, H, W], or undefined for none. convolution: weights
// [C r^2, F + D, 1, 1]; its bias may be undefined. Returns [N, C, r H, r W].
torch::Tensor output_layer(const Convolution& convolution, const torch::Tensor& features,
                           const torch::Tensor& cells, int64_t r);

}  // namespace proxseg
