#include "proxseg/prox/rpca.h"

#include <gtest/gtest.h>

#include <cmath>
#include <limits>
#include <string>
#include <vector>

#include "prox/oracle.h"
#include "proxseg/core/error.h"
#include "proxseg/core/process.h"

namespace proxseg {
namespace {

// The problems are too small to share.
struct Mixture {
  torch::Tensor low_rank;
  torch::Tensor sparse;
  torch::Tensor D() const { return low_rank + sparse; }
};

// Rank r, and 2 % outliers of standard deviation 10, as in the paper's experiments.
Mixture mixture(int64_t N, int64_t P, int64_t rank) {
  const torch::Tensor low_rank = oracle::normal({N, rank}, 1).mm(oracle::normal({rank, P}, 2));
  const torch::Tensor outliers = torch::rand({N, P}, torch::kDouble) < 0.02;
  return {low_rank, 10 * oracle::normal({N, P}, 3) * outliers};
}

double objective(const torch::Tensor& L, const torch::Tensor& S, double lambda) {
  return (oracle::full_svd(L).s.sum() + lambda * S.to(torch::kDouble).abs().sum()).item<double>();
}

double gap(const RpcaResult& result) {
  return (result.objective - result.lower_bound) / result.objective;
}

TEST(Rpca, RecoversLowRankAndSparseParts) {
  const Mixture truth = mixture(40, 1000, 3);
  RpcaOptions options;
  options.tolerance = 1e-5;
  const RpcaResult result = rpca(truth.D(), options);
  EXPECT_TRUE(result.converged);
  EXPECT_LT(oracle::relative_error(result.background, truth.low_rank), 1e-2);
  EXPECT_LT(oracle::relative_error(result.foreground, truth.sparse), 1e-2);
  EXPECT_LT(result.residual, 1e-4);
  EXPECT_EQ(background_basis(result.background).size(1), 3);
}

// Bounds on the optimum: every feasible pair lies above the lower bound, the objective is attained,
// and the two agree.
TEST(Rpca, EnclosesTheOptimum) {
  const torch::Tensor noise = 0.3 * oracle::normal({20, 300}, 4);
  const Mixture truth = mixture(20, 300, 2);
  const torch::Tensor D = truth.D() + noise;
  const double lambda = 1 / std::sqrt(300.0);
  const RpcaResult result = rpca(D);
  EXPECT_TRUE(result.converged);
  EXPECT_LT(gap(result), 1e-3);
  EXPECT_GT(gap(result), 0);
  const double attained = std::min(objective(result.background, D - result.background, lambda),
                                   objective(D - result.foreground, result.foreground, lambda));
  EXPECT_NEAR(attained / result.objective, 1, 1e-3);
  EXPECT_LE(result.objective, attained + 1e-9);
  for (const torch::Tensor& L : {truth.low_rank, result.background, D, torch::zeros_like(D)}) {
    EXPECT_GT(objective(L, D - L, lambda), result.lower_bound);
  }
}

// With L = (1, 1, b), where b minimises sqrt(2 + b^2) + 0.6 (4 - b), the optimum is 0.8 sqrt(2)
// + 2.4.
TEST(Rpca, FindsTheOptimumKnownInClosedForm) {
  const torch::Tensor D = torch::tensor({{1.0, 1.0, 4.0}}, torch::kDouble);
  RpcaOptions options;
  options.lambda = 0.6;
  options.tolerance = 1e-6;
  const RpcaResult result = rpca(D, options);
  const double optimum = 0.8 * std::sqrt(2.0) + 2.4;
  EXPECT_NEAR(result.objective, optimum, 1e-5);
  EXPECT_GE(result.objective, optimum - 1e-9);
  EXPECT_LE(result.lower_bound, optimum + 1e-9);
}

TEST(Rpca, WithALargeLambdaFindsNoForeground) {
  const torch::Tensor D = mixture(10, 200, 2).D();
  RpcaOptions options;
  options.lambda = 10;
  const RpcaResult result = rpca(D, options);
  EXPECT_TRUE(result.converged);
  EXPECT_LT(oracle::relative_error(result.background, D), 1e-3);
  EXPECT_NEAR(result.objective / oracle::full_svd(D).s.sum().item<double>(), 1, 1e-3);
}

TEST(Rpca, WithATinyLambdaFindsNoBackground) {
  const torch::Tensor D = mixture(10, 200, 2).D();
  RpcaOptions options;
  options.lambda = 1e-4;
  const RpcaResult result = rpca(D, options);
  EXPECT_TRUE(result.converged);
  EXPECT_EQ(result.background.abs().max().item<double>(), 0);
  EXPECT_NEAR(result.objective / (1e-4 * D.abs().sum().item<double>()), 1, 1e-3);
}

TEST(Rpca, AgreesBetweenFloat32AndFloat64) {
  const torch::Tensor D = 1 + 0.1 * mixture(20, 2000, 2).D();
  const RpcaResult wide = rpca(D), single = rpca(D.to(torch::kFloat32));
  EXPECT_TRUE(single.converged);
  EXPECT_EQ(single.background.scalar_type(), torch::kFloat32);
  EXPECT_NEAR(single.objective / wide.objective, 1, 1e-4);
  EXPECT_NEAR(single.lower_bound / wide.lower_bound, 1, 1e-4);
}

TEST(Rpca, FollowsTheScaleOfTheData) {
  const torch::Tensor D = mixture(12, 300, 2).D();
  const RpcaResult one = rpca(D), grey_levels = rpca(255 * D);
  EXPECT_EQ(grey_levels.iterations, one.iterations);
  EXPECT_NEAR(grey_levels.objective / one.objective, 255, 1e-6);
}

TEST(Rpca, TakesMoreFramesThanPixelsAndAnyStrides) {
  const torch::Tensor D = mixture(12, 300, 2).D();
  const RpcaResult wide = rpca(D), tall = rpca(D.t());
  EXPECT_NEAR(tall.objective, wide.objective, 1e-9);
  EXPECT_LT(oracle::largest_difference(tall.background, wide.background.t()), 1e-9);
  EXPECT_LT(oracle::largest_difference(tall.foreground, wide.foreground.t()), 1e-9);
}

TEST(Rpca, TakesOneFrame) {
  const torch::Tensor D = oracle::normal({1, 100}, 5).abs();
  const RpcaResult result = rpca(D);
  EXPECT_TRUE(result.converged);
  EXPECT_LT(gap(result), 1e-3);
}

TEST(Rpca, OfBlackFramesIsZero) {
  const torch::Tensor D = torch::zeros({4, 50});
  const RpcaResult result = rpca(D);
  EXPECT_TRUE(result.converged);
  EXPECT_EQ(result.objective, 0);
  EXPECT_TRUE(torch::equal(result.background, D));
  EXPECT_TRUE(torch::equal(result.foreground, D));
}

TEST(Rpca, ReportsProgressAndStopsAtTheLimit) {
  RpcaOptions options;
  options.max_iterations = 25;
  options.tolerance = 1e-12;
  std::vector<int64_t> iterations;
  double previous_gap = std::numeric_limits<double>::infinity();
  const RpcaResult result =
      rpca(mixture(10, 200, 2).D(), options, [&](int64_t k, double upper, double lower) {
        iterations.push_back(k);
        EXPECT_LE(upper - lower, previous_gap);
        previous_gap = upper - lower;
      });
  EXPECT_EQ(iterations, (std::vector<int64_t>{10, 20, 25}));
  EXPECT_EQ(result.iterations, 25);
  EXPECT_FALSE(result.converged);
  EXPECT_DOUBLE_EQ(result.objective - result.lower_bound, previous_gap);
}

TEST(Rpca, IsReproducible) {
  const torch::Tensor D = mixture(10, 5000, 2).D().to(torch::kFloat32);
  EXPECT_TRUE(torch::equal(rpca(D).foreground, rpca(D).foreground));
}

TEST(ProjectFrames, RemovesTheBackgroundOfNewFrames) {
  const torch::Tensor rows = oracle::normal({3, 400}, 6);
  const torch::Tensor background = oracle::normal({20, 3}, 7).mm(rows);
  const torch::Tensor basis = background_basis(background.to(torch::kFloat32));
  ASSERT_EQ(basis.size(1), 3);
  EXPECT_LT(oracle::largest_difference(basis.t().mm(basis), torch::eye(3)), 1e-5);

  const torch::Tensor fresh = oracle::normal({5, 3}, 8).mm(rows).to(torch::kFloat32);
  EXPECT_LT(project_frames(fresh, basis).norm().item<double>(), 1e-4 * fresh.norm().item<double>());
  torch::Tensor object = torch::zeros({5, 400});
  object.narrow(1, 100, 10).fill_(5);
  EXPECT_LT(oracle::relative_error(project_frames(fresh + object, basis), object), 0.2);
}

TEST(ProjectFrames, WithoutBackgroundKeepsTheFrames) {
  const torch::Tensor basis = background_basis(torch::zeros({4, 30}));
  EXPECT_EQ(basis.size(1), 0);
  const torch::Tensor frames = torch::rand({2, 30});
  EXPECT_TRUE(torch::equal(project_frames(frames, basis), frames));
}

struct RpcaRefusal {
  std::function<void()> call;
  std::string message;
};

RpcaOptions options(double lambda, int64_t iterations, double tolerance) {
  RpcaOptions o;
  o.lambda = lambda;
  o.max_iterations = iterations;
  o.tolerance = tolerance;
  return o;
}

TEST(RpcaRefusals, NameTheArgument) {
  const torch::Tensor D = torch::ones({3, 4});
  const double nan = std::numeric_limits<double>::quiet_NaN();
  const RpcaRefusal refusals[] = {
      {[&] {
         rpca(torch::ones({2, 3, 4}));
       },
       "D: expected [N, P] of float32 or float64"},
      {[&] {
         rpca(torch::ones({3, 4}, torch::kByte));
       },
       "D: expected [N, P]"},
      {[&] {
         rpca(torch::ones({0, 4}));
       },
       "D: holds no frame or no pixel"},
      {[&] { rpca(D, options(-1, 9, 1e-3)); }, "lambda = -1: must be at least 0"},
      {[&] { rpca(D, options(nan, 9, 1e-3)); }, "lambda = nan"},
      {[&] { rpca(D, options(0, 0, 1e-3)); }, "max_iterations = 0: must be at least 1"},
      {[&] { rpca(D, options(0, 9, 0)); }, "tolerance = 0: must be above 0"},
      {[&] { background_basis(torch::ones({3})); }, "background: expected [N, P]"},
      {[&] {
         background_basis(torch::ones({3, 0}));
       },
       "background: holds no frame or no pixel"},
      {[&] {
         project_frames(D, torch::ones({5, 2}));
       },
       "basis: expected [4, r]"},
      {[&] {
         project_frames(D, torch::ones({4, 2}, torch::kDouble));
       },
       "basis: must have"}};
  for (const RpcaRefusal& refusal : refusals) {
    try {
      refusal.call();
      ADD_FAILURE() << "accepted what must end in: " << refusal.message;
    } catch (const UsageError& error) {
      EXPECT_NE(std::string(error.what()).find(refusal.message), std::string::npos) << error.what();
    }
  }
}

TEST(RpcaRefusals, OfBrokenNumbers) {
  for (const float broken :
       {std::numeric_limits<float>::quiet_NaN(), std::numeric_limits<float>::infinity()}) {
    torch::Tensor D = torch::ones({3, 4});
    D[0][0] = broken;
    EXPECT_THROW(rpca(D), NumericsError);
  }
}

}  // namespace
}  // namespace proxseg
