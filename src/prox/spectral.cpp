#include "proxseg/prox/spectral.h"

#include <fmt/format.h>

#include <algorithm>
#include <limits>

#include "core/ranges.h"
#include "proxseg/core/check.h"
#include "proxseg/core/error.h"

namespace proxseg {
namespace {

// Columns of a block: small enough that the block of 50 frames and its copies stay in a core's
// cache.
constexpr int64_t kBlock = 2048;

torch::Tensor with_unit_stride(const torch::Tensor& X) {
  return X.stride(1) == 1 ? X : X.contiguous();
}

// X X^T of one block of pixels. A GPU multiplies in float64 at once: it is fast enough there, and
// TF32 cannot interfere.
torch::Tensor block_gram(const torch::Tensor& X) {
  const torch::Tensor r = X.mean(0);
  const torch::Tensor C = X.is_cpu() ? X - r : X.to(torch::kDouble) - r;
  const torch::Tensor r64 = r.to(torch::kDouble);
  // C C^T + (b + r.r/2) 1^T + 1 (b + r.r/2)^T
  const torch::Tensor b = C.to(torch::kDouble).mv(r64) + 0.5 * r64.dot(r64);
  return (b.unsqueeze(0) + b.unsqueeze(1)).add_(C.mm(C.t()));
}

}  // namespace

torch::Tensor gram(const torch::Tensor& X) {
  expect_tensor(X, {"N", "P"}, "X");
  const torch::Tensor rows = with_unit_stride(X.detach());
  const int64_t N = X.size(0), P = X.size(1);
  torch::Tensor parts = torch::zeros({count_ranges(X.device(), P), N, N},
                                     torch::dtype(torch::kDouble).device(X.device()));
  for_each_range(X.device(), P, [&](int64_t i, Range range) {
    torch::Tensor part = parts[i];
    for (int64_t done = 0; done < range.size; done += kBlock) {
      const int64_t size = std::min(kBlock, range.size - done);
      part += block_gram(rows.narrow(1, range.begin + done, size));
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
