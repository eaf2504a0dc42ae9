#include "proxseg/prox/operators.h"

#include <cmath>

#include "proxseg/core/check.h"
#include "proxseg/prox/spectral.h"

namespace proxseg {
namespace {

void expect_step(double t) {
  expect_value(t >= 0 && std::isfinite(t), "t", t, "at least 0 and finite");
}

}  // namespace

// All three by Moreau's decomposition, prox_{t f}(x) = x - t y, where t y is the projection of x on
// the ball of radius t of f's dual norm and y the gradient that the prior of the same name has with
// knee t.

torch::Tensor soft_threshold(const torch::Tensor& x, double t) {
  expect_floating(x, "x");
  expect_step(t);
  return x - x.clamp(-t, t);
}

torch::Tensor block_soft_threshold(const torch::Tensor& x, double t, int64_t dim) {
  expect_floating(x, "x");
  expect_step(t);
  expect_value(dim >= -x.dim() && dim < x.dim(), "dim", dim, "a dimension of x");
  if (t == 0) return x.clone();
  const torch::Tensor norm = at::linalg_vector_norm(x, 2, dim, /*keepdim=*/true);
  return x - x * (t / norm.clamp_min(t));
}

torch::Tensor singular_value_threshold(const torch::Tensor& X, double t) {
  expect_tensor(X, {"N", "P"}, "X");
  expect_step(t);
  if (t == 0) return X.clone();
  if (X.size(0) > X.size(1)) return singular_value_threshold(X.t(), t).t();
  SpectralOptions nuclear;
  nuclear.knee = t;
  const Spectrum parts = spectrum(X);
  return apply_rows(weigh(parts, 1 - t * spectral_weights(parts.singular_values, nuclear)), X);
}

}  // namespace proxseg
