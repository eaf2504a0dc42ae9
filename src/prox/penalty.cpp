// phi and phi' of the spectral penalties.
#include <algorithm>

#include "proxseg/core/check.h"
#include "proxseg/core/error.h"
#include "proxseg/prox/spectral.h"

namespace proxseg {
namespace {

void check(const torch::Tensor& s, const SpectralOptions& o) {
  expect_tensor(s, {"N"}, "s");
  if (s.scalar_type() != torch::kDouble) throw UsageError("s: expected float64, got float32");
  if (o.gradient == Gradient::kProx) expect_value(o.knee > 0, "knee", o.knee, "above 0");
  switch (o.penalty) {
    case SpectralPenalty::kNuclear:
      break;
    case SpectralPenalty::kTruncated:
      expect_value(o.rank >= 0, "rank", o.rank, "at least 0");
      break;
    case SpectralPenalty::kWeighted:
    case SpectralPenalty::kGamma:
    case SpectralPenalty::kLogDet:
      expect_value(o.epsilon > 0, "epsilon", o.epsilon, "above 0");
      break;
    case SpectralPenalty::kSchatten:
      expect_value(o.p > 0 && o.p <= 1, "p", o.p, "in (0, 1]");
      break;
  }
}

// The singular values after the `rank` largest.
torch::Tensor tail(const torch::Tensor& s, int64_t rank) {
  const int64_t kept = std::min(rank, s.size(0));
  return s.narrow(0, kept, s.size(0) - kept);
}

// phi(s), one value for each s that counts.
torch::Tensor phi(const torch::Tensor& s, const SpectralOptions& o) {
  const double e = o.epsilon;
  switch (o.penalty) {
    case SpectralPenalty::kNuclear:
      return s;
    case SpectralPenalty::kTruncated:
      return tail(s, o.rank);
    case SpectralPenalty::kWeighted:
      return e * torch::log1p(s / e);
    case SpectralPenalty::kGamma:
      return (1 + e) * s / (e + s);
    case SpectralPenalty::kLogDet:
      return 0.5 * torch::log1p((s / e).square());
    case SpectralPenalty::kSchatten:
      return s.pow(o.p) / o.p;
  }
  throw UsageError("penalty: not a spectral penalty");
}

// phi'(m)/m for m > 0.
torch::Tensor slope_over_value(const torch::Tensor& m, const SpectralOptions& o) {
  const double e = o.epsilon;
  switch (o.penalty) {
    case SpectralPenalty::kNuclear:
      return m.reciprocal();
    case SpectralPenalty::kTruncated: {
      torch::Tensor w = torch::zeros_like(m);
      tail(w, o.rank).copy_(tail(m, o.rank).reciprocal());
      return w;
    }
    case SpectralPenalty::kWeighted:
      return e / ((e + m) * m);
    case SpectralPenalty::kGamma:
      return (1 + e) * e / ((e + m).square() * m);
    case SpectralPenalty::kLogDet:
      return (m.square() + e * e).reciprocal();
    case SpectralPenalty::kSchatten:
      return m.pow(o.p - 2);
  }
  throw UsageError("penalty: not a spectral penalty");
}

}  // namespace

double spectral_value(const torch::Tensor& s, const SpectralOptions& options) {
  check(s, options);
  return phi(s, options).sum().item<double>();
}

torch::Tensor spectral_weights(const torch::Tensor& s, const SpectralOptions& options) {
  check(s, options);
  if (options.gradient == Gradient::kProx) {
    return slope_over_value(s.clamp_min(options.knee), options);
  }
  return slope_over_value(s, options).masked_fill(s == 0, 0);
}

}  // namespace proxseg
