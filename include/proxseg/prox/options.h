// How priors and their gradients are chosen. No LibTorch in here, so that recipes can hold them.
#pragma once

#include <cstdint>

namespace proxseg {

enum class Gradient {
  kProx,        // x - prox(x), the gradient of the Moreau envelope (Sakai 2021)
  kSubgradient  // the limit of a vanishing knee: what autograd through abs() and svd() gives
};

// Penalties sum_i phi(s_i) on the singular values s of X; the gradient is V diag(phi'(s)/s) V^T X.
enum class SpectralPenalty {
  kNuclear,    // phi(s) = s
  kTruncated,  // phi(s_i) = s_i for i > rank, 0 for the `rank` largest (partial sum of singular
               // values)
  kWeighted,   // phi(s) = epsilon log(1 + s/epsilon), i.e. weights epsilon/(s + epsilon) (WNNM)
  kGamma,      // phi(s) = (1 + epsilon) s / (epsilon + s) (gamma norm)
  kLogDet,     // phi(s) = log(1 + s^2/epsilon^2) / 2
  kSchatten    // phi(s) = s^p / p
};

struct SpectralOptions {
  SpectralPenalty penalty = SpectralPenalty::kNuclear;
  Gradient gradient = Gradient::kProx;
  // Knee g of the prox gradient: singular values below g are damped, phi'(s)/max(s, g). In units of
  // s. > 0.
  double knee = 1.0;
  int64_t rank = 1;      // kTruncated
  double epsilon = 1.0;  // kWeighted, kGamma, kLogDet. > 0
  double p = 0.5;        // kSchatten, in (0, 1]
};

}  // namespace proxseg
