// The spectrum of a tall-and-thin matrix of N frames x P pixels, N << P, from its N x N Gram
// matrix. X: [N, P] float32 or float64 on any device; anything else throws UsageError naming the
// argument. Nothing here is recorded for autograd. N x N results lie on the CPU.
#pragma once

#include <torch/types.h>

#include "proxseg/prox/options.h"

namespace proxseg {

// X X^T = V diag(s^2) V^T.
struct Spectrum {
  torch::Tensor singular_values;  // s: [N] float64, descending, >= 0
  torch::Tensor vectors;          // V: [N, N] float64, columns in the order of s
};

// X X^T: [N, N] float64. One read of X where its rows have unit stride, else a copy first.
// A float32 product knows s only down to sqrt(eps) s_1, which on video lies above the smaller
// singular values. So per block of pixels the mean frame r is subtracted, C = X - 1 r^T, the small
// products C C^T are summed in float64, and
//   X X^T = C C^T + b 1^T + 1 b^T + (r.r) 1 1^T,   b = C r,
// with b and r.r in float64: float64 accuracy at float32 speed. The same input gives the same bits
// for any number of threads, as long as the BLAS itself runs on one (configure_threads()).
torch::Tensor gram(const torch::Tensor& X);

// W X, [N, P] in X's dtype. W: [N, N] float64. One read, one write.
torch::Tensor apply_rows(const torch::Tensor& W, const torch::Tensor& X);

// Spectrum of X by gram() and a float64 symmetric eigensolver. Eigenvalues below N eps64 times the
// largest, negative ones included, are rounding and become 0. Throws NumericsError where X holds
// NaN, infinity or values whose squares overflow.
Spectrum spectrum(const torch::Tensor& X);
// The same of G = X X^T, [N, N] float64, as gram() gives it: for a matrix X that comes in pieces,
// whose Gram matrices add up.
Spectrum spectrum_of_gram(const torch::Tensor& G);

// V diag(w) V^T, [N, N] float64. w: [N] float64.
torch::Tensor weigh(const Spectrum& spectrum, const torch::Tensor& w);

// sum_i phi(s_i). s: [N] float64, descending. Throws UsageError for options out of range.
double spectral_value(const torch::Tensor& s, const SpectralOptions& options);

// The weights w of the gradient V diag(w) V^T X, [N] float64. s: [N] float64, descending.
//   subgradient: phi'(s)/s, and 0 where s = 0
//   prox:        phi'(m)/m with m = max(s, g) and the knee g
// The latter is the gradient of phi whose part below the knee is replaced by the parabola
//   phi(g) - phi'(g) (g^2 - s^2)/(2 g),
// which continues it smoothly. For the nuclear norm the gradient is then
//   (X - prox_g(X))/g = U diag(min(s, g)/g) V^T,
// that of Huber's function of the singular values (Sakai 2021); for the other penalties it damps
// small singular values in the same way. Above the knee both are the exact gradient. Where
// s_rank = s_{rank+1}, kTruncated picks one of the subgradients. Throws UsageError for options out
// of range.
torch::Tensor spectral_weights(const torch::Tensor& s, const SpectralOptions& options);

}  // namespace proxseg
