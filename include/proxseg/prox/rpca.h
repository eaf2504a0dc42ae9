// Robust principal component analysis, the convex problem that training solves through a network:
// the optimum that runs are measured against, and a baseline for segmentation.
#pragma once

#include <torch/types.h>

#include <cstdint>
#include <functional>

namespace proxseg {

struct RpcaOptions {
  double lambda = 0;             // weight of ||S||_1; 0 means 1/sqrt(max(N, P))
  int64_t max_iterations = 500;  // >= 1
  double tolerance = 5e-4;       // on the relative gap (objective - lower_bound)/objective. > 0
};

struct RpcaResult {
  torch::Tensor background;  // L: [N, P], low rank
  torch::Tensor foreground;  // S: [N, P], sparse
  double objective = 0;      // the least ||L||_* + lambda ||S||_1 found with D = L + S exactly
  double lower_bound = 0;    // no L and S with D = L + S have a smaller objective (duality)
  double residual = 0;       // ||D - L - S||_F / ||D||_F of background and foreground
  int64_t iterations = 0;
  bool converged = false;  // the relative gap is within the tolerance
};

// Called every ten iterations with the best bounds so far. May throw, to stop.
using RpcaProgress = std::function<void(int64_t iteration, double objective, double lower_bound)>;

// Principal component pursuit (Candes, Li, Ma, Wright 2011), min ||L||_* + lambda ||S||_1 subject
// to D = L + S, by ADMM. D: [N, P] float32 or float64, one frame a row, N, P >= 1. Throws
// UsageError for other tensors and for options out of range, NumericsError where D holds NaN or
// infinity.
RpcaResult rpca(const torch::Tensor& D, const RpcaOptions& options = {},
                const RpcaProgress& progress = {});

// Orthonormal basis of the rows of a low-rank background: [P, r], r its numerical rank (singular
// values above 1e-4 of the largest). background: [N, P] float32 or float64, N, P >= 1.
torch::Tensor background_basis(const torch::Tensor& background);

// Foreground of frames that were not part of D: what the background's subspace cannot explain,
// X - X Q Q^T. frames X: [M, P] float32 or float64, basis Q: [P, r] of the same dtype; returns
// [M, P].
torch::Tensor project_frames(const torch::Tensor& frames, const torch::Tensor& basis);

}  // namespace proxseg
