// Proximal operators prox_{t f}(x) = argmin_z t f(z) + 1/2 ||z - x||^2 as plain tensor functions
// (not differentiable). Every function takes float32 or float64 and returns the same dtype; wrong
// shapes throw UsageError naming the argument.
#pragma once

#include <torch/types.h>

namespace proxseg {

// Soft thresholding, the prox of t ||x||_1: sign(x) max(|x| - t, 0). x: any shape. t >= 0.
torch::Tensor soft_threshold(const torch::Tensor& x, double t);

// Block soft thresholding, the prox of t sum_groups ||x_group||_2, a group being the entries along
// dim: x max(1 - t/||x||_2, 0). x: any shape. t >= 0.
torch::Tensor block_soft_threshold(const torch::Tensor& x, double t, int64_t dim);

// Singular value thresholding, the prox of t ||X||_* (Cai, Candes, Shen 2010):
// U diag(max(s - t, 0)) V^T, by way of the Gram matrix of the shorter side. X: [N, P]. t >= 0.
torch::Tensor singular_value_threshold(const torch::Tensor& X, double t);

}  // namespace proxseg
