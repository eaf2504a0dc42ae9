// Slow and obvious float64 references for the priors and their proximal operators.
#pragma once

#include <ATen/Parallel.h>
#include <torch/autograd.h>
#include <torch/types.h>

#include <functional>
#include <tuple>

namespace proxseg::oracle {

inline torch::Tensor normal(at::IntArrayRef shape, uint64_t seed) {
  torch::manual_seed(seed);
  return torch::randn(shape, torch::kDouble);
}

struct Svd {
  torch::Tensor U, s, Vh;
};

inline Svd full_svd(const torch::Tensor& X) {
  auto [U, s, Vh] = at::linalg_svd(X.to(torch::kDouble), /*full_matrices=*/false);
  return {U, s, Vh};
}

// U diag(f(s)) V^T
inline torch::Tensor map_singular_values(
    const torch::Tensor& X, const std::function<torch::Tensor(const torch::Tensor&)>& f) {
  const Svd parts = full_svd(X);
  return (parts.U * f(parts.s)).mm(parts.Vh);
}

// N x P, singular values as given.
inline torch::Tensor with_singular_values(const torch::Tensor& s, int64_t N, int64_t P,
                                          uint64_t seed) {
  const Svd parts = full_svd(normal({N, P}, seed));
  return (parts.U * s).mm(parts.Vh);
}

// sum of Huber's function |d|^2/(2 g) below the knee g and |d| - g/2 above: the Moreau envelope of
// the absolute value, over g.
inline double huber(const torch::Tensor& d, double g) {
  const torch::Tensor a = d.abs();
  return torch::where(a < g, a.square() / (2 * g), a - g / 2).sum().item<double>();
}

inline torch::Tensor gradient(const std::function<torch::Tensor(const torch::Tensor&)>& prior,
                              const torch::Tensor& x) {
  const torch::Tensor leaf = x.detach().clone().requires_grad_(true);
  return torch::autograd::grad({prior(leaf)}, {leaf})[0];
}

// Central differences of f at x.
inline torch::Tensor finite_differences(const std::function<double(const torch::Tensor&)>& f,
                                        const torch::Tensor& x, double step = 1e-5) {
  torch::Tensor grad = torch::zeros_like(x);
  for (int64_t i = 0; i < x.numel(); ++i) {
    torch::Tensor e = torch::zeros(x.numel(), x.options());
    e[i] = step;
    e = e.reshape(x.sizes());
    grad.view(-1)[i] = (f(x + e) - f(x - e)) / (2 * step);
  }
  return grad;
}

inline double relative_error(const torch::Tensor& actual, const torch::Tensor& expected) {
  const torch::Tensor reference = expected.to(torch::kDouble);
  return ((actual.to(torch::kDouble) - reference).norm() / reference.norm()).item<double>();
}

inline double largest_difference(const torch::Tensor& a, const torch::Tensor& b) {
  return (a - b).abs().max().item<double>();
}

}  // namespace proxseg::oracle
