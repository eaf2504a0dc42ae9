// Convolution, bias and ReLU in one pass over the output.
#pragma once

#include <torch/types.h>

#include <memory>

#include "nn/normalisation.h"

namespace proxseg {

// relu(conv2d(x)) for inference: with oneDNN's epilogue and weights that are packed once where
// LibTorch has them (CPU), else one after the other; equal up to rounding.
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

  Convolution convolution_;
  int64_t padding_;
  std::unique_ptr<Packed> packed_;  // of the shape of the last x
};

}  // namespace proxseg
