// Convolution, bias and ReLU in one pass over the output.
#pragma once

#include <torch/types.h>

#include <memory>

#include "nn/normalisation.h"

namespace proxseg {

// relu(conv2d(x)) for inference. On a CPU oneDNN does both at once, with weights that are packed
// only once; elsewhere one follows the other. Equal up to rounding.
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
  std::unique_ptr<Packed> packed_;  // for the shape of the last x
};

}  // namespace proxseg
