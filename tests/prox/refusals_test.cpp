// What the module must refuse, and what it must say.
#include <gtest/gtest.h>

#include <functional>
#include <limits>
#include <string>

#include "proxseg/core/error.h"
#include "proxseg/prox/operators.h"
#include "proxseg/prox/priors.h"
#include "proxseg/prox/spectral.h"

namespace proxseg {
namespace {

struct Refusal {
  std::function<void()> call;
  std::string message;  // a part of it
};

template <typename ExpectedError>
void expect_refused(const Refusal& refusal) {
  try {
    refusal.call();
    ADD_FAILURE() << "accepted what must end in: " << refusal.message;
  } catch (const ExpectedError& error) {
    EXPECT_NE(std::string(error.what()).find(refusal.message), std::string::npos) << error.what();
  }
}

SpectralOptions options(SpectralPenalty penalty, double knee, double epsilon, double p) {
  SpectralOptions o;
  o.penalty = penalty;
  o.knee = knee;
  o.epsilon = epsilon;
  o.p = p;
  return o;
}

TEST(Refusals, OfTensors) {
  const torch::Tensor X = torch::ones({3, 4}), x = torch::ones({2, 1, 3, 4});
  const torch::Tensor whole = torch::ones({3, 4}, torch::kLong);
  const auto prox = Gradient::kProx;
  const Refusal refusals[] = {
      {[&] { spectral_prior(x); }, "X: expected [N, P] of float32 or float64, got [2, 1, 3, 4]"},
      {[&] { spectral_prior(whole); }, "X: expected [N, P] of float32 or float64, got [3, 4] Long"},
      {[&] { spectral_prior(torch::Tensor()); }, "X: expected"},
      {[&] { spectral_prior(X.to(torch::kBFloat16)); }, "BFloat16"},
      {[&] { gram(x); }, "X: expected [N, P]"},
      {[&] { apply_rows(X, X); }, "W: expected [3, 3]"},
      {[&] { spectrum_of_gram(X.to(torch::kDouble)); }, "G: expected [N, N]"},
      {[&] { spectral_value(X, {}); }, "s: expected [N]"},
      {[&] { spectral_weights(torch::ones(3), {}); }, "s: expected float64"},
      {[&] { l1_prior(whole, prox, 1); }, "x: expected float32 or float64"},
      {[&] { group_l1_prior(X, prox, 1); }, "x: expected [N, C, H, W]"},
      {[&] { tv_prior(X, prox, 1); }, "x: expected [N, C, H, W]"},
      {[&] { soft_threshold(whole, 1); }, "x: expected float32 or float64"},
      {[&] { block_soft_threshold(whole, 1, 0); }, "x: expected float32 or float64"},
      {[&] { singular_value_threshold(x, 1); }, "X: expected [N, P]"}};
  for (const Refusal& refusal : refusals) expect_refused<UsageError>(refusal);
}

TEST(Refusals, OfValues) {
  const torch::Tensor X = torch::ones({3, 4}), x = torch::ones({2, 1, 3, 4});
  const double nan = std::numeric_limits<double>::quiet_NaN();
  const double infinity = std::numeric_limits<double>::infinity();
  const auto prox = Gradient::kProx;
  const auto prior = [&](SpectralPenalty penalty, double knee, double epsilon, double p) {
    return [=] { spectral_prior(X, options(penalty, knee, epsilon, p)); };
  };
  SpectralOptions negative_rank = options(SpectralPenalty::kTruncated, 1, 1, 1);
  negative_rank.rank = -1;
  const Refusal refusals[] = {
      {prior(SpectralPenalty::kNuclear, 0, 1, 1), "knee = 0: must be above 0"},
      {prior(SpectralPenalty::kNuclear, nan, 1, 1), "knee = nan"},
      {prior(SpectralPenalty::kWeighted, 1, 0, 1), "epsilon = 0: must be above 0"},
      {prior(SpectralPenalty::kGamma, 1, -1, 1), "epsilon = -1"},
      {prior(SpectralPenalty::kLogDet, 1, nan, 1), "epsilon = nan"},
      {prior(SpectralPenalty::kSchatten, 1, 1, 0), "p = 0: must be in (0, 1]"},
      {prior(SpectralPenalty::kSchatten, 1, 1, 1.5), "p = 1.5: must be in (0, 1]"},
      {[&] { spectral_prior(X, negative_rank); }, "rank = -1: must be at least 0"},
      {[&] { l1_prior(x, prox, -1); }, "knee = -1: must be above 0"},
      {[&] { group_l1_prior(x, prox, 0); }, "knee = 0: must be above 0"},
      {[&] { tv_prior(x, prox, nan); }, "knee = nan: must be above 0"},
      {[&] { soft_threshold(x, -1); }, "t = -1: must be at least 0"},
      {[&] { block_soft_threshold(x, nan, 0); }, "t = nan"},
      {[&] { block_soft_threshold(x, 1, 4); }, "dim = 4: must be a dimension of x"},
      {[&] { singular_value_threshold(X, infinity); }, "t = inf"}};
  for (const Refusal& refusal : refusals) expect_refused<UsageError>(refusal);
}

TEST(Refusals, OfBrokenNumbers) {
  for (const float broken :
       {std::numeric_limits<float>::quiet_NaN(), std::numeric_limits<float>::infinity(), 1e30f}) {
    torch::Tensor X = torch::ones({3, 4});
    X[1][2] = broken;
    expect_refused<NumericsError>({[&] { spectrum(X); }, "X, of 3 frames, holds NaN"});
    expect_refused<NumericsError>({[&] { spectral_prior(X); }, "holds NaN"});
    expect_refused<NumericsError>({[&] { singular_value_threshold(X, 1); }, "holds NaN"});
  }
}

// The subgradient has no knee, so none is asked for.
TEST(Refusals, NotOfAKneeThatIsNotUsed) {
  const torch::Tensor x = torch::ones({2, 1, 3, 4});
  EXPECT_NO_THROW(l1_prior(x, Gradient::kSubgradient, 0));
  EXPECT_NO_THROW(tv_prior(x, Gradient::kSubgradient, -1));
}

}  // namespace
}  // namespace proxseg
