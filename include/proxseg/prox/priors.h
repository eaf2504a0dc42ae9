// Priors as differentiable scalars (torch::autograd::Function). Forward is the true, non-smooth
// norm f; backward is either the subgradient of f or, with knee g,
//   (x - prox_{g f}(x))/g,
// the gradient of the Moreau envelope of f, by which the paper trains (Sakai 2021, arXiv
// 2106.10923). Both agree wherever |x| >= g.
// Inputs are float32 or float64 on any device; results are scalars of the same dtype, sums taken in
// float64. Differentiable once. Wrong shapes and knees that are not above 0 throw UsageError; NaN
// passes through, except in spectral_prior().
#pragma once

#include <torch/types.h>

#include "proxseg/prox/options.h"

namespace proxseg {

// sum_i phi(s_i(X)), X: [N, P] one frame a row. Value and gradient together read X twice and write
// the gradient once. Nuclear norm: gradient V diag(1/max(s, g)) V^T X.
// Throws NumericsError where X holds NaN or infinity.
torch::Tensor spectral_prior(const torch::Tensor& X, const SpectralOptions& options = {});

// ||x||_1, any shape. Gradient clamp(x/g, -1, 1).
torch::Tensor l1_prior(const torch::Tensor& x, Gradient gradient, double knee);

// sum over n, h, w of the l2 norm over channels. x: [N, C, H, W]. Gradient x / max(norm, g).
torch::Tensor group_l1_prior(const torch::Tensor& x, Gradient gradient, double knee);

// Anisotropic total variation per frame: sum of absolute differences to the right and the lower
// neighbour. x: [N, C, H, W]. Gradient: adjoint of the differences of clamp(dx/g, -1, 1).
torch::Tensor tv_prior(const torch::Tensor& x, Gradient gradient, double knee);

}  // namespace proxseg
