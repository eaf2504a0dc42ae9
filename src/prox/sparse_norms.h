// Values and gradients of the norms that the sparse priors are, on part of a batch.
#pragma once

#include "core/torch.h"

namespace proxseg {

// The derivative of |d| times a factor; with a knee > 0, that of its Huber function:
// factor clamp(d/knee, -1, 1). At d = 0 it is 0.
struct Slope {
  double knee;    // 0: none
  double factor;  // the gradient of the loss with respect to the norm
};

// Each is a sum over the first dimension of x. x: float32 or float64, contiguous. to: of x's shape
// and dtype, contiguous; gradient() fills it.

// sum |x|, of any shape.
struct L1Norm {
  static double value(const torch::Tensor& x);
  static void gradient(const torch::Tensor& x, Slope slope, const torch::Tensor& to);
};

// sum over pixels of |x[n, :, i, j]|_2. x: [N, C, H, W].
struct GroupL1Norm {
  static double value(const torch::Tensor& x);
  static void gradient(const torch::Tensor& x, Slope slope, const torch::Tensor& to);
};

// sum |x[n, c, i + 1, j] - x[n, c, i, j]| + |x[n, c, i, j + 1] - x[n, c, i, j]|. x: [N, C, H, W].
struct TotalVariation {
  static double value(const torch::Tensor& x);
  static void gradient(const torch::Tensor& x, Slope slope, const torch::Tensor& to);
};

// L1Norm and TotalVariation by ATen: on other devices than the CPU, where they are loops.
namespace by_aten {
double l1(const torch::Tensor& x);
void l1_gradient(const torch::Tensor& x, Slope slope, const torch::Tensor& to);
double total_variation(const torch::Tensor& x);
void total_variation_gradient(const torch::Tensor& x, Slope slope, const torch::Tensor& to);
}  // namespace by_aten

}  // namespace proxseg
