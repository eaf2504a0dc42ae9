#include "proxseg/prox/spectral.h"

#include <fmt/format.h>

#include <algorithm>
#include <limits>
#include <vector>

#include "core/ranges.h"
#include "core/vectorized.h"
#include "proxseg/core/check.h"
#include "proxseg/core/error.h"

namespace proxseg {
namespace {

torch::Tensor with_unit_stride(const torch::Tensor& X) {
  return X.stride(1) == 1 ? X : X.contiguous();
}

// Columns of a block: it and its copy stay in a core's cache, yet its product is worth the N x N
// sums that it costs.
int64_t block_of(int64_t N) { return std::max<int64_t>(100'000 / std::max<int64_t>(N, 1), 2048); }

// r = mean over the rows of X.
template <typename T>
PROXSEG_VECTORIZED void mean_row(const T* __restrict X, int64_t stride, int64_t rows, int64_t size,
                                 T* __restrict r) {
  std::fill_n(r, size, T{0});
  for (int64_t i = 0; i < rows; ++i) {
    for (int64_t j = 0; j < size; ++j) r[j] += X[i * stride + j];
  }
  for (int64_t j = 0; j < size; ++j) r[j] /= static_cast<T>(rows);
}

// c = x - r, of one row; returns c.r + r.r/2.
template <typename T>
PROXSEG_VECTORIZED double centre_row(const T* __restrict x, const T* __restrict r, int64_t size,
                                     T* __restrict c) {
  return sum_in_lanes(size, [=](int64_t i) {
    const T mean = r[i], rest = x[i] - mean;
    c[i] = rest;
    return static_cast<double>(mean) * (static_cast<double>(rest) + 0.5 * mean);
  });
}

// Adds C C^T + (b + r.r/2) 1^T + 1 (b + r.r/2)^T to G.
template <typename T>
void add_centred_gram(const torch::Tensor& X, double* G) {
  const int64_t N = X.size(0), P = X.size(1);
  std::vector<T> r(static_cast<size_t>(P));
  std::vector<double> b(static_cast<size_t>(N));
  const torch::Tensor C = torch::empty({N, P}, X.options());
  const T* x = X.data_ptr<T>();
  mean_row(x, X.stride(0), N, P, r.data());
  for (int64_t i = 0; i < N; ++i) {
    b[i] = centre_row(x + i * X.stride(0), r.data(), P, C.data_ptr<T>() + i * P);
  }
  const torch::Tensor products = C.mm(C.t());
  const T* product = products.data_ptr<T>();
  for (int64_t i = 0; i < N; ++i) {
    for (int64_t j = 0; j < N; ++j) *G++ += *product++ + b[i] + b[j];
  }
}

// Adds X X^T of one block of pixels to G. A GPU multiplies in float64 at once: it is fast enough
// there, and TF32 cannot interfere.
void add_gram(const torch::Tensor& X, torch::Tensor& G) {
  if (!X.is_cpu()) {
    const torch::Tensor wide = X.to(torch::kDouble);
    G.addmm_(wide, wide.t());
  } else {
    by_type<float, double>(X.scalar_type(), [&](auto type) {
      add_centred_gram<decltype(type)>(X, G.data_ptr<double>());
    });
  }
}

}  // namespace

torch::Tensor gram(const torch::Tensor& X) {
  expect_tensor(X, {"N", "P"}, "X");
  const torch::Tensor rows = with_unit_stride(X.detach());
  const int64_t N = X.size(0), P = X.size(1), block = block_of(N);
  torch::Tensor parts = torch::zeros({count_ranges(X.device(), P), N, N},
                                     torch::dtype(torch::kDouble).device(X.device()));
  for_each_range(X.device(), P, [&](int64_t i, Range range) {
    torch::Tensor part = parts[i];
    for (int64_t done = 0; done < range.size; done += block) {
      const int64_t size = std::min(block, range.size - done);
      add_gram(rows.narrow(1, range.begin + done, size), part);
    }
  });
  return parts.sum(0).cpu();
}

torch::Tensor apply_rows(const torch::Tensor& W, const torch::Tensor& X) {
  expect_tensor(X, {"N", "P"}, "X");
  expect_tensor(W, {X.size(0), X.size(0)}, "W");
  const torch::Tensor rows = with_unit_stride(X.detach());
  const torch::Tensor weights = W.detach().to(X.options());
  torch::Tensor out = torch::empty(X.sizes(), X.options());
  for_each_range(X.device(), X.size(1), [&](int64_t, Range range) {
    torch::Tensor view = out.narrow(1, range.begin, range.size);
    at::mm_out(view, weights, rows.narrow(1, range.begin, range.size));
  });
  return out;
}

Spectrum spectrum(const torch::Tensor& X) { return spectrum_of_gram(gram(X)); }

Spectrum spectrum_of_gram(const torch::Tensor& G) {
  const torch::NoGradGuard no_grad;
  expect_tensor(G, {"N", "N"}, "G");
  if (!torch::isfinite(G).all().item<bool>()) {
    throw NumericsError(
        fmt::format("X, of {} frames, holds NaN, infinity or values whose squares overflow",
                    G.size(0)),
        "Lower the learning rate, or check the frames for broken values.");
  }
  const auto [ascending, vectors] = at::linalg_eigh(G);
  const torch::Tensor squares = ascending.flip(0);
  const double rounding = static_cast<double>(G.size(0)) * std::numeric_limits<double>::epsilon();
  const torch::Tensor floor = rounding * squares.narrow(0, 0, std::min<int64_t>(1, G.size(0)));
  return {squares.masked_fill(squares <= floor, 0).sqrt(), vectors.flip(1)};
}

torch::Tensor weigh(const Spectrum& spectrum, const torch::Tensor& w) {
  const torch::Tensor& V = spectrum.vectors;
  return (V * w).mm(V.t());
}

}  // namespace proxseg
