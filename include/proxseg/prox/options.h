// How priors and their gradients are chosen. Includes no LibTorch, so that recipes can hold them.
#pragma once

#include <cstdint>

namespace proxseg {

enum class Gradient {
  kProx,        // x - prox(x), the gradient of the Moreau envelope (Sakai 2021)
  kSubgradient  // the limit of a vanishing knee: what autograd through abs() and svd() gives
};

// Penalties sum_i phi(s_i) on the singular values s of X; the gradient is V diag(phi'(s)/s) V^T X.
enum class SpectralPenalty {
  // phi(s) = s, phi' = 1
  kNuclear,
  // phi(s_i) = s_i for i > rank, else 0: partial sum of singular values (PSSV, Oh et al. 2016)
  kTruncated,
  // phi(s) = e log(1 + s/e), phi' = e/(s + e): the reweighting of WNNM (Gu et al. 2014)
  kWeighted,
  // phi(s) = (1 + e) s/(e + s), phi' = (1 + e) e/(e + s)^2: gamma norm (Kang et al. 2015)
  kGamma,
  // phi(s) = log(1 + s^2/e^2)/2, phi' = s/(s^2 + e^2): log det(X X^T + e^2 I)/2 up to a constant
  kLogDet,
  // phi(s) = s^p/p, phi' = s^(p - 1): Schatten-p quasi-norm to the power p, over p
  kSchatten
};

struct SpectralOptions {
  SpectralPenalty penalty = SpectralPenalty::kNuclear;
  Gradient gradient = Gradient::kProx;
  // Knee g of the prox gradient, in units of s: singular values below g are damped, phi'(m)/m with
  // m = max(s, g). A larger knee makes steps smoother and leaves more small singular values. > 0.
  double knee = 1.0;
  int64_t rank = 1;      // kTruncated. >= 0
  double epsilon = 1.0;  // e of kWeighted, kGamma, kLogDet, in units of s. > 0
  double p = 0.5;        // kSchatten, in (0, 1]
};

}  // namespace proxseg
