#include "proxseg/prox/priors.h"

#include <gtest/gtest.h>
#include <torch/autograd.h>

#include <functional>
#include <string>

#include "prox/oracle.h"
#include "proxseg/core/device.h"
#include "proxseg/prox/operators.h"

namespace proxseg {
namespace {

using oracle::finite_differences;
using oracle::gradient;
using oracle::huber;
using oracle::largest_difference;
using oracle::normal;

constexpr double kKnee = 0.7;

SpectralOptions nuclear(double knee = kKnee) {
  SpectralOptions options;
  options.knee = knee;
  return options;
}

torch::Tensor nuclear_gradient(const torch::Tensor& X, double knee = kKnee) {
  return gradient([&](const torch::Tensor& x) { return spectral_prior(x, nuclear(knee)); }, X);
}

torch::Tensor l1_gradient(const torch::Tensor& x, Gradient kind = Gradient::kProx) {
  return gradient([&](const torch::Tensor& y) { return l1_prior(y, kind, kKnee); }, x);
}

torch::Tensor group_gradient(const torch::Tensor& x, Gradient kind = Gradient::kProx) {
  return gradient([&](const torch::Tensor& y) { return group_l1_prior(y, kind, kKnee); }, x);
}

torch::Tensor tv_gradient(const torch::Tensor& x, Gradient kind = Gradient::kProx) {
  return gradient([&](const torch::Tensor& y) { return tv_prior(y, kind, kKnee); }, x);
}

torch::Tensor differences(const torch::Tensor& x) {
  const torch::Tensor right = x.slice(3, 1) - x.slice(3, 0, -1);
  const torch::Tensor down = x.slice(2, 1) - x.slice(2, 0, -1);
  return torch::cat({right.reshape(-1), down.reshape(-1)});
}

TEST(Priors, ForwardIsTheNormItself) {
  const torch::Tensor x = normal({3, 2, 5, 4}, 1), X = x.reshape({3, 40});
  const auto near = [](const torch::Tensor& actual, const torch::Tensor& expected) {
    EXPECT_EQ(actual.dim(), 0);
    EXPECT_NEAR(actual.item<double>(), expected.item<double>(), 1e-10);
  };
  for (const auto kind : {Gradient::kProx, Gradient::kSubgradient}) {
    near(l1_prior(x, kind, kKnee), x.abs().sum());
    near(group_l1_prior(x, kind, kKnee), x.square().sum(1).sqrt().sum());
    near(tv_prior(x, kind, kKnee), differences(x).abs().sum());
  }
  near(spectral_prior(X, nuclear()), oracle::full_svd(X).s.sum());
}

TEST(Priors, ProxGradientIsWhatTheProxTakesAway) {
  const torch::Tensor x = normal({3, 2, 5, 4}, 2), X = x.reshape({3, 40});
  EXPECT_LT(largest_difference(kKnee * l1_gradient(x), x - soft_threshold(x, kKnee)), 1e-10);
  EXPECT_LT(largest_difference(kKnee * group_gradient(x), x - block_soft_threshold(x, kKnee, 1)),
            1e-10);
  for (const double knee : {0.5, 6.0, 50.0}) {
    EXPECT_LT(
        largest_difference(knee * nuclear_gradient(X, knee), X - singular_value_threshold(X, knee)),
        1e-10);
    const torch::Tensor expected = oracle::map_singular_values(
        X, [&](const torch::Tensor& s) { return s.clamp_max(knee) / knee; });
    EXPECT_LT(largest_difference(nuclear_gradient(X, knee), expected), 1e-10);
  }
}

// The envelope of the nuclear norm is smooth everywhere, also where singular values are equal or
// zero.
TEST(NuclearPrior, ProxGradientIsTheDerivativeOfTheEnvelope) {
  const torch::Tensor X = normal({4, 6}, 3);
  const torch::Tensor row = normal({1, 6}, 4);
  const torch::Tensor batches[] = {X,
                                   0.2 * X,
                                   torch::cat({X, X}),
                                   torch::zeros({4, 6}, torch::kDouble),
                                   row,
                                   torch::ones({4, 1}, torch::kDouble).mm(row),
                                   normal({6, 3}, 5),
                                   normal({6, 4}, 6).t(),
                                   torch::eye(4, torch::kDouble)};
  for (const torch::Tensor& batch : batches) {
    const torch::Tensor expected = finite_differences(
        [](const torch::Tensor& x) { return huber(oracle::full_svd(x).s, kKnee); },
        batch.contiguous());
    EXPECT_LT(largest_difference(nuclear_gradient(batch), expected), 2e-5) << batch;
  }
}

TEST(SpectralPrior, GradientIsTheDerivativeOfEachPenalty) {
  const torch::Tensor s = torch::tensor({5.0, 3.0, 1.5, 0.9}, torch::kDouble);
  const torch::Tensor X = oracle::with_singular_values(s, 4, 7, 7);
  for (const auto penalty :
       {SpectralPenalty::kNuclear, SpectralPenalty::kTruncated, SpectralPenalty::kWeighted,
        SpectralPenalty::kGamma, SpectralPenalty::kLogDet, SpectralPenalty::kSchatten}) {
    for (const auto kind : {Gradient::kProx, Gradient::kSubgradient}) {
      SpectralOptions options = nuclear();
      options.penalty = penalty;
      options.gradient = kind;
      const auto prior = [&](const torch::Tensor& x) { return spectral_prior(x, options); };
      const torch::Tensor expected =
          finite_differences([&](const torch::Tensor& x) { return prior(x).item<double>(); }, X);
      EXPECT_LT(largest_difference(gradient(prior, X), expected), 1e-7);
    }
  }
}

TEST(NuclearPrior, SubgradientIsThatOfAutogradThroughTheSvd) {
  const torch::Tensor X = normal({5, 40}, 8);
  SpectralOptions options;
  options.gradient = Gradient::kSubgradient;
  const torch::Tensor expected =
      gradient([](const torch::Tensor& x) { return at::linalg_svdvals(x).sum(); }, X);
  EXPECT_LT(largest_difference(
                gradient([&](const torch::Tensor& x) { return spectral_prior(x, options); }, X),
                expected),
            1e-10);
}

TEST(NuclearPrior, FollowsAPermutationOfFramesAndOfPixels) {
  const torch::Tensor X = normal({6, 50}, 9);
  const torch::Tensor frames = torch::randperm(6), pixels = torch::randperm(50);
  const torch::Tensor permuted = X.index_select(0, frames).index_select(1, pixels);
  const torch::Tensor expected =
      nuclear_gradient(X).index_select(0, frames).index_select(1, pixels);
  EXPECT_LT(largest_difference(nuclear_gradient(permuted), expected), 1e-12);
}

TEST(L1Prior, ProxGradientIsTheDerivativeOfTheEnvelope) {
  const torch::Tensor x = normal({3, 11}, 10);
  const torch::Tensor expected =
      finite_differences([](const torch::Tensor& y) { return huber(y, kKnee); }, x);
  EXPECT_LT(largest_difference(l1_gradient(x), expected), 1e-8);
  EXPECT_LT(largest_difference(l1_gradient(x.t()), expected.t()), 1e-8);
}

TEST(GroupL1Prior, ProxGradientIsTheDerivativeOfTheEnvelope) {
  const torch::Tensor x = 0.6 * normal({2, 3, 4, 3}, 11);
  const torch::Tensor expected = finite_differences(
      [](const torch::Tensor& y) { return huber(y.square().sum(1).sqrt(), kKnee); }, x);
  EXPECT_LT(largest_difference(group_gradient(x), expected), 1e-8);
}

TEST(TvPrior, ProxGradientIsTheDerivativeOfTheEnvelope) {
  for (const auto& shape : {std::vector<int64_t>{2, 2, 4, 5}, {1, 1, 1, 6}, {3, 1, 6, 1}}) {
    const torch::Tensor x = normal(shape, 12);
    const torch::Tensor expected =
        finite_differences([](const torch::Tensor& y) { return huber(differences(y), kKnee); }, x);
    EXPECT_LT(largest_difference(tv_gradient(x), expected), 1e-8);
  }
}

TEST(TvPrior, OfASinglePixelIsZero) {
  const torch::Tensor x = normal({2, 1, 1, 1}, 13);
  EXPECT_EQ(tv_prior(x, Gradient::kProx, kKnee).item<double>(), 0);
  EXPECT_EQ(tv_gradient(x).abs().max().item<double>(), 0);
}

TEST(Priors, SubgradientIsThatOfAutogradThroughTheNorm) {
  const torch::Tensor x = normal({2, 3, 4, 5}, 14);
  const auto kind = Gradient::kSubgradient;
  EXPECT_LT(largest_difference(l1_gradient(x, kind), x.sign()), 1e-12);
  EXPECT_LT(largest_difference(group_gradient(x, kind), x / x.square().sum(1, true).sqrt()), 1e-12);
  EXPECT_LT(largest_difference(
                tv_gradient(x, kind),
                gradient([](const torch::Tensor& y) { return differences(y).abs().sum(); }, x)),
            1e-12);
}

TEST(Priors, GradientAtZeroIsZero) {
  const torch::Tensor zero = torch::zeros({2, 3, 4, 5}, torch::kDouble);
  for (const auto kind : {Gradient::kProx, Gradient::kSubgradient}) {
    EXPECT_TRUE(torch::equal(l1_gradient(zero, kind), zero));
    EXPECT_TRUE(torch::equal(group_gradient(zero, kind), zero));
    EXPECT_TRUE(torch::equal(tv_gradient(zero, kind), zero));
    SpectralOptions options = nuclear();
    options.gradient = kind;
    const torch::Tensor flat = zero.reshape({2, 60});
    EXPECT_TRUE(torch::equal(
        gradient([&](const torch::Tensor& x) { return spectral_prior(x, options); }, flat), flat));
  }
}

// What a loss built from priors asks of each: the chain rule with any factor, of either sign.
TEST(Priors, ScaleWithTheGradientThatFlowsIn) {
  const torch::Tensor x = normal({3, 2, 4, 5}, 15);
  const auto priors = {
      std::function([](const torch::Tensor& y) { return l1_prior(y, Gradient::kProx, kKnee); }),
      std::function(
          [](const torch::Tensor& y) { return group_l1_prior(y, Gradient::kSubgradient, kKnee); }),
      std::function(
          [](const torch::Tensor& y) { return group_l1_prior(y, Gradient::kProx, kKnee); }),
      std::function([](const torch::Tensor& y) { return tv_prior(y, Gradient::kProx, kKnee); }),
      std::function(
          [](const torch::Tensor& y) { return tv_prior(y, Gradient::kSubgradient, kKnee); }),
      std::function(
          [](const torch::Tensor& y) { return spectral_prior(y.flatten(1), nuclear()); })};
  for (const auto& prior : priors) {
    const torch::Tensor scaled =
        gradient([&](const torch::Tensor& y) { return -2.5 * prior(y); }, x);
    EXPECT_LT(largest_difference(scaled, -2.5 * gradient(prior, x)), 1e-12);
  }
}

TEST(Priors, TakeChannelsLastAndViews) {
  const torch::Tensor x = normal({3, 2, 4, 5}, 16);
  const torch::Tensor last = x.contiguous(torch::MemoryFormat::ChannelsLast);
  EXPECT_LT(largest_difference(l1_gradient(last), l1_gradient(x)), 1e-12);
  EXPECT_LT(largest_difference(group_gradient(last), group_gradient(x)), 1e-12);
  EXPECT_LT(largest_difference(tv_gradient(last), tv_gradient(x)), 1e-12);
  const auto kind = Gradient::kProx;
  EXPECT_EQ(tv_prior(last, kind, kKnee).item<double>(), tv_prior(x, kind, kKnee).item<double>());
}

TEST(Priors, KeepTheDtype) {
  const torch::Tensor x = normal({3, 2, 4, 5}, 17).to(torch::kFloat32);
  for (const torch::Tensor& value :
       {l1_prior(x, Gradient::kProx, 1), group_l1_prior(x, Gradient::kProx, 1),
        tv_prior(x, Gradient::kProx, 1), spectral_prior(x.flatten(1))}) {
    EXPECT_EQ(value.scalar_type(), torch::kFloat32);
  }
  EXPECT_EQ(tv_gradient(x).scalar_type(), torch::kFloat32);
  EXPECT_EQ(nuclear_gradient(x.flatten(1)).scalar_type(), torch::kFloat32);
}

// Mixed precision rounds to bfloat16, which would wipe out the smaller singular values.
TEST(Priors, IgnoreMixedPrecision) {
  const torch::Tensor X = (10 + normal({6, 5000}, 18)).to(torch::kFloat32);
  const torch::Tensor value = spectral_prior(X), expected = nuclear_gradient(X);
  const AutocastGuard autocast(torch::kCPU, true);
  EXPECT_TRUE(torch::equal(spectral_prior(X), value));
  EXPECT_TRUE(torch::equal(nuclear_gradient(X), expected));
}

TEST(Priors, WorkInInferenceMode) {
  const torch::Tensor x = normal({40, 1, 4, 5}, 19);
  const double value = tv_prior(x, Gradient::kProx, 1).item<double>();
  const c10::InferenceMode inference;
  EXPECT_EQ(tv_prior(x, Gradient::kProx, 1).item<double>(), value);
  EXPECT_GT(spectral_prior(x.flatten(1)).item<double>(), 0);
}

TEST(Priors, OfNothingAreZero) {
  const torch::Tensor none = torch::zeros({0, 1, 4, 5});
  EXPECT_EQ(l1_prior(none, Gradient::kProx, 1).item<double>(), 0);
  EXPECT_EQ(group_l1_prior(none, Gradient::kProx, 1).item<double>(), 0);
  EXPECT_EQ(tv_prior(none, Gradient::kProx, 1).item<double>(), 0);
  EXPECT_EQ(spectral_prior(torch::zeros({0, 20})).item<double>(), 0);
  EXPECT_EQ(spectral_prior(torch::zeros({3, 0})).item<double>(), 0);
}

}  // namespace
}  // namespace proxseg
