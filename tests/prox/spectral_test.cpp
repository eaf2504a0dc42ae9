#include "proxseg/prox/spectral.h"

#include <gtest/gtest.h>

#include <limits>
#include <string>
#include <vector>

#include "prox/oracle.h"
#include "proxseg/core/error.h"
#include "proxseg/core/process.h"

namespace proxseg {
namespace {

// As the program does at start: the BLAS on one thread.
class Threads : public testing::Environment {
  void SetUp() override { configure_threads(0); }
};
const testing::Environment* const kOneThread = testing::AddGlobalTestEnvironment(new Threads);

TEST(Gram, EqualsTheProductForEveryShape) {
  for (const auto& [N, P] : {std::pair{4, 10000}, {7, 33}, {3, 31}, {5, 1}, {1, 500}, {6, 2}}) {
    const torch::Tensor X = 3 + oracle::normal({N, P}, 1);
    EXPECT_LT(oracle::relative_error(gram(X), X.mm(X.t())), 1e-13) << N << " x " << P;
    EXPECT_LT(oracle::relative_error(gram(X.to(torch::kFloat32)), X.mm(X.t())), 1e-6);
  }
}

TEST(Gram, ReadsAnyStrides) {
  const torch::Tensor X = oracle::normal({6, 5000}, 2);
  const torch::Tensor expected = X.mm(X.t());
  const torch::Tensor wide = torch::cat({X, 9 * X}, 1);
  EXPECT_LT(oracle::relative_error(gram(wide.narrow(1, 0, 5000)), expected), 1e-13);
  EXPECT_LT(oracle::relative_error(gram(X.t().contiguous().t()), expected), 1e-13);
}

TEST(Gram, OfNoPixelsIsZero) {
  EXPECT_TRUE(torch::equal(gram(torch::zeros({3, 0})), torch::zeros({3, 3}, torch::kDouble)));
}

// Brightness must not cost accuracy: the frames' mean is taken out before multiplying in float32.
TEST(Gram, KeepsSmallDifferencesOfBrightFrames) {
  const torch::Tensor X = (1000 + 0.01 * oracle::normal({5, 20000}, 3)).to(torch::kFloat32);
  const torch::Tensor expected = X.to(torch::kDouble).mm(X.to(torch::kDouble).t());
  EXPECT_LT(oracle::relative_error(gram(X), expected), 1e-12);
}

TEST(Gram, HasTheSameBitsForAnyNumberOfThreads) {
  const torch::Tensor X = (5 + oracle::normal({20, 30011}, 4)).to(torch::kFloat32);
  for (const torch::Tensor& x : {X, X.narrow(1, 0, 1500), X.to(torch::kDouble)}) {
    at::set_num_threads(1);
    const torch::Tensor one = gram(x), rows_one = apply_rows(one, x);
    at::set_num_threads(2);
    EXPECT_TRUE(torch::equal(gram(x), one));
    EXPECT_TRUE(torch::equal(apply_rows(one, x), rows_one));
  }
}

TEST(Gram, DoesNotDependOnThePixelsOrder) {
  const torch::Tensor X = (5 + oracle::normal({8, 20000}, 5)).to(torch::kFloat32);
  const torch::Tensor shuffled = X.index_select(1, torch::randperm(X.size(1)));
  EXPECT_LT(oracle::relative_error(gram(shuffled), gram(X)), 1e-7);
}

TEST(ApplyRows, MultipliesAndKeepsTheDtype) {
  const torch::Tensor W = oracle::normal({6, 6}, 6), X = oracle::normal({6, 9001}, 7);
  EXPECT_LT(oracle::relative_error(apply_rows(W, X), W.mm(X)), 1e-14);
  EXPECT_LT(oracle::relative_error(apply_rows(W, X.t().contiguous().t()), W.mm(X)), 1e-14);
  const torch::Tensor single = apply_rows(W, X.to(torch::kFloat32));
  EXPECT_EQ(single.scalar_type(), torch::kFloat32);
  EXPECT_LT(oracle::relative_error(single, W.mm(X)), 1e-6);
}

TEST(Spectrum, EqualsTheSvd) {
  const torch::Tensor X = oracle::normal({7, 300}, 8);
  const auto [s, V] = spectrum(X);
  EXPECT_LT(oracle::largest_difference(s, oracle::full_svd(X).s), 1e-10);
  EXPECT_LT(oracle::relative_error(V.mm(V.t()), torch::eye(7, torch::kDouble)), 1e-12);
  EXPECT_LT(oracle::relative_error((V * s.square()).mm(V.t()), X.mm(X.t())), 1e-12);
}

TEST(Spectrum, OfDependentFramesIsExactlyZeroBeyondTheRank) {
  const torch::Tensor X = oracle::normal({2, 500}, 9);
  const torch::Tensor s = spectrum(torch::cat({X, X, X})).singular_values;
  EXPECT_GT(s[1].item<double>(), 1);
  EXPECT_EQ(s.narrow(0, 2, 4).abs().max().item<double>(), 0);
  EXPECT_EQ(spectrum(torch::zeros({3, 9})).singular_values.abs().max().item<double>(), 0);
}

struct PenaltyCase {
  std::string name;
  SpectralOptions options;
};

std::vector<PenaltyCase> penalties() {
  const auto options = [](SpectralPenalty penalty, double epsilon, double p) {
    SpectralOptions o;
    o.penalty = penalty;
    o.epsilon = epsilon;
    o.p = p;
    o.rank = 2;
    o.knee = 0.8;
    return o;
  };
  return {{"nuclear", options(SpectralPenalty::kNuclear, 1, 1)},
          {"truncated", options(SpectralPenalty::kTruncated, 1, 1)},
          {"weighted", options(SpectralPenalty::kWeighted, 0.7, 1)},
          {"gamma", options(SpectralPenalty::kGamma, 1.5, 1)},
          {"log_det", options(SpectralPenalty::kLogDet, 0.6, 1)},
          {"schatten", options(SpectralPenalty::kSchatten, 1, 0.4)}};
}

class Penalty : public testing::TestWithParam<PenaltyCase> {};

INSTANTIATE_TEST_SUITE_P(, Penalty, testing::ValuesIn(penalties()),
                         [](const auto& test) { return test.param.name; });

const torch::Tensor& sample() {
  static const torch::Tensor s = torch::tensor({9.0, 4.0, 2.0, 1.0, 0.5, 0.1}, torch::kDouble);
  return s;
}

TEST_P(Penalty, SubgradientIsTheDerivativeOfTheValue) {
  SpectralOptions options = GetParam().options;
  options.gradient = Gradient::kSubgradient;
  const torch::Tensor expected = oracle::finite_differences(
      [&](const torch::Tensor& s) { return spectral_value(s, options); }, sample());
  EXPECT_LT(oracle::largest_difference(spectral_weights(sample(), options) * sample(), expected),
            1e-7);
}

TEST_P(Penalty, ProxGradientEqualsTheSubgradientAboveTheKneeAndFallsLinearlyBelow) {
  const SpectralOptions prox = GetParam().options;
  SpectralOptions exact = prox;
  exact.gradient = Gradient::kSubgradient;
  const torch::Tensor damped = spectral_weights(sample(), prox);
  const torch::Tensor expected = spectral_weights(sample().clamp_min(prox.knee), exact);
  EXPECT_LT(oracle::largest_difference(damped, expected), 1e-14);
  EXPECT_TRUE(
      torch::equal(damped.narrow(0, 0, 4), spectral_weights(sample(), exact).slice(0, 0, 4)));
}

TEST_P(Penalty, IsFiniteAtZero) {
  SpectralOptions options = GetParam().options;
  const torch::Tensor zero = torch::zeros({4}, torch::kDouble);
  EXPECT_EQ(spectral_value(zero, options), 0);
  EXPECT_TRUE(torch::isfinite(spectral_weights(zero, options)).all().item<bool>());
  options.gradient = Gradient::kSubgradient;
  EXPECT_EQ(spectral_weights(zero, options).abs().max().item<double>(), 0);
}

TEST(Penalties, HaveTheirPublishedValues) {
  const torch::Tensor s = torch::tensor({3.0, 1.0}, torch::kDouble);
  SpectralOptions o;
  EXPECT_DOUBLE_EQ(spectral_value(s, o), 4);
  o.penalty = SpectralPenalty::kTruncated;
  EXPECT_DOUBLE_EQ(spectral_value(s, o), 1);
  o.rank = 9;
  EXPECT_DOUBLE_EQ(spectral_value(s, o), 0);
  o.penalty = SpectralPenalty::kWeighted;
  EXPECT_DOUBLE_EQ(spectral_value(s, o), std::log(4) + std::log(2));
  o.penalty = SpectralPenalty::kGamma;
  EXPECT_DOUBLE_EQ(spectral_value(s, o), 6. / 4 + 2. / 2);
  o.penalty = SpectralPenalty::kLogDet;
  EXPECT_DOUBLE_EQ(spectral_value(s, o), 0.5 * std::log(10) + 0.5 * std::log(2));
  o.penalty = SpectralPenalty::kSchatten;
  EXPECT_DOUBLE_EQ(spectral_value(s, o), 2 * std::sqrt(3) + 2);
}

}  // namespace
}  // namespace proxseg
