// What is written by hand, because a whole training or `infer` gains some per cent by it. Each takes
// LibTorch's own operations for tensors that it has no loops for: of a GPU, of other dtypes.
#pragma once

#include <torch/types.h>

#include <deque>
#include <functional>
#include <memory>
#include <mutex>

#include "nn/normalisation.h"

namespace torch::nn {
class BatchNorm2dImpl;
}

namespace proxseg {

// Adds up a tensor over all processes, in place.
using SumOverProcesses = std::function<void(torch::Tensor&)>;

// relu(norm(x)) in training mode, running statistics included. x: [N, C, H, W] floating point; norm
// on its device, affine, in float32. Returns the dtype of x, channels last.
// With a `sum`, mean and variance are taken over the x of all processes (synchronised batch norm).
// Each process calls it with its own x, of any number of frames, even none; forward and backward
// each sum once. The gradients of norm's weight and bias are those of this process's x alone.
torch::Tensor batch_norm_relu(const torch::Tensor& x, torch::nn::BatchNorm2dImpl& norm,
                              const SumOverProcesses& sum = {});

// relu(conv2d(x)) for inference. On a CPU oneDNN does both at once, with weights that are packed
// only once; elsewhere one follows the other. Equal up to rounding. Several threads may call it.
class ConvolutionRelu {
 public:
  // Stride 1, `padding` zeros on each side. Shares storage with `convolution`, whose weights must
  // not change afterwards.
  ConvolutionRelu(Convolution convolution, int64_t padding);
  ~ConvolutionRelu();

  // x: [N, in, H, W], channels last, dtype and device of the weights.
  torch::Tensor operator()(const torch::Tensor& x);

 private:
  struct Packed;
  std::shared_ptr<const Packed> packed_for(const torch::Tensor& x);

  Convolution convolution_;
  int64_t padding_;
  std::mutex mutex_;
  std::deque<std::shared_ptr<const Packed>> packed_;  // for the shapes of the last x
};

// cat(upsample_bilinear2d(x, 2 H x 2 W, align_corners = false), features), in one pass on the CPU.
// x: [N, C, H, W]; features: [N, D, 2 H, 2 W]; both of one floating dtype. Returns [N, C + D, 2 H,
// 2 W] in channels-last memory. Differentiable.
torch::Tensor upsample_beside(const torch::Tensor& x, const torch::Tensor& features);

// shuffle_pixels(conv2d(cat([features, |cells|], 1), weight, bias), r) in float32 (float64 of
// float64): on the CPU and where nothing asks for gradients one pass over the cells.
// features: [N, F, H, W]. cells: [N, D, H, W], or undefined for none. convolution: weights
// [C r^2, F + D, 1, 1]; its bias may be undefined. Returns [N, C, r H, r W].
torch::Tensor output_layer(const Convolution& convolution, const torch::Tensor& features,
                           const torch::Tensor& cells, int64_t r);

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

// torch::reflection_pad2d(x, {1, 1, 1, 1}) in channels-last memory, where LibTorch's takes several
// times as long. x: [N, C, H, W], H and W >= 2. Returns [N, C, H + 2, W + 2]. Differentiable.
torch::Tensor reflection_pad(const torch::Tensor& x);

}  // namespace proxseg
