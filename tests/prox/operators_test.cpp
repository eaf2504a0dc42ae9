#include "proxseg/prox/operators.h"

#include <gtest/gtest.h>

#include <functional>
#include <string>

#include "prox/oracle.h"

namespace proxseg {
namespace {

using Operator = std::function<torch::Tensor(const torch::Tensor&, double)>;
using Norm = std::function<torch::Tensor(const torch::Tensor&)>;

// A norm, its prox and the norm dual to it.
struct NormCase {
  std::string name;
  Operator prox;
  Norm norm;
  Norm dual;
};

torch::Tensor columns(const torch::Tensor& x) { return x.square().sum(0).sqrt(); }

NormCase l1() {
  return {"l1", soft_threshold, [](const torch::Tensor& x) { return x.abs().sum(); },
          [](const torch::Tensor& x) { return x.abs().max(); }};
}

NormCase group_l1() {
  return {"group_l1",
          [](const torch::Tensor& x, double t) { return block_soft_threshold(x, t, 0); },
          [](const torch::Tensor& x) { return columns(x).sum(); },
          [](const torch::Tensor& x) { return columns(x).max(); }};
}

NormCase nuclear_case() {
  return {"nuclear", singular_value_threshold,
          [](const torch::Tensor& x) { return oracle::full_svd(x).s.sum(); },
          [](const torch::Tensor& x) { return oracle::full_svd(x).s.max(); }};
}

class ProximalOperator : public testing::TestWithParam<NormCase> {};

INSTANTIATE_TEST_SUITE_P(, ProximalOperator, testing::Values(l1(), group_l1(), nuclear_case()),
                         [](const auto& test) { return test.param.name; });

TEST_P(ProximalOperator, BeatsEveryPerturbation) {
  const NormCase& c = GetParam();
  const torch::Tensor x = 2 * oracle::normal({4, 9}, 1);
  const double t = 1.3;
  const auto objective = [&](const torch::Tensor& z) {
    return (t * c.norm(z) + 0.5 * (z - x).square().sum()).item<double>();
  };
  const torch::Tensor z = c.prox(x, t);
  const double least = objective(z);
  for (const double size : {1e-4, 1e-2, 1.0}) {
    for (uint64_t seed = 0; seed < 30; ++seed) {
      EXPECT_GT(objective(z + size * oracle::normal({4, 9}, 100 + seed)), least);
    }
    EXPECT_GE(objective(z * (1 - size)), least);
    EXPECT_GE(objective(z + size * (x - z)), least);
  }
}

// Moreau: x - prox(x) is the projection of x on the ball of radius t of the dual norm, so it lies
// in the ball, and the inner product with prox(x) attains Hoelder's bound.
TEST_P(ProximalOperator, LeavesTheProjectionOnTheDualBall) {
  const NormCase& c = GetParam();
  const torch::Tensor x = 2 * oracle::normal({5, 12}, 2);
  for (const double t : {0.1, 1.0, 3.0, 100.0}) {
    const torch::Tensor z = c.prox(x, t), rest = x - z;
    EXPECT_LE(c.dual(rest).item<double>(), t * (1 + 1e-10));
    EXPECT_NEAR((rest * z).sum().item<double>(), t * c.norm(z).item<double>(), 1e-9);
  }
}

TEST_P(ProximalOperator, IsFirmlyNonexpansive) {
  const NormCase& c = GetParam();
  for (uint64_t seed = 0; seed < 20; ++seed) {
    const torch::Tensor x = 2 * oracle::normal({4, 7}, 2 * seed);
    const torch::Tensor y = 2 * oracle::normal({4, 7}, 2 * seed + 1);
    const torch::Tensor d = c.prox(x, 1.1) - c.prox(y, 1.1);
    EXPECT_LE(d.square().sum().item<double>(), (d * (x - y)).sum().item<double>() + 1e-10);
  }
}

TEST_P(ProximalOperator, WithoutThresholdIsTheIdentityAndKeepsTheDtype) {
  for (const auto dtype : {torch::kFloat32, torch::kFloat64}) {
    const torch::Tensor x = oracle::normal({3, 8}, 3).to(dtype);
    const torch::Tensor z = GetParam().prox(x, 0);
    EXPECT_EQ(z.dtype(), x.dtype());
    EXPECT_TRUE(torch::equal(z, x));
  }
}

TEST_P(ProximalOperator, MapsZeroToZero) {
  const torch::Tensor zero = torch::zeros({3, 8}, torch::kDouble);
  for (const double t : {0.0, 1.0}) EXPECT_TRUE(torch::equal(GetParam().prox(zero, t), zero));
}

TEST(SoftThreshold, ShrinksEachEntry) {
  const torch::Tensor x = torch::tensor({-3.0, -0.5, 0.0, 0.5, 3.0});
  EXPECT_TRUE(torch::equal(soft_threshold(x, 1), torch::tensor({-2.0, 0.0, 0.0, 0.0, 2.0})));
}

TEST(BlockSoftThreshold, ShrinksGroupsAlongAnyDimension) {
  const torch::Tensor x = torch::tensor({{3.0, 0.3}, {4.0, 0.4}}, torch::kDouble);
  const torch::Tensor expected = torch::tensor({{1.8, 0.0}, {2.4, 0.0}}, torch::kDouble);
  EXPECT_TRUE(torch::allclose(block_soft_threshold(x, 2, 0), expected, 0, 1e-12));
  EXPECT_TRUE(torch::allclose(block_soft_threshold(x.t(), 2, -1), expected.t(), 0, 1e-12));
}

TEST(SingularValueThreshold, EqualsTheFullSvd) {
  const auto shrink = [](const torch::Tensor& s) { return (s - 1.5).clamp_min(0); };
  for (const auto& [N, P] : {std::pair{6, 40}, {40, 6}, {5, 5}, {1, 9}, {9, 1}}) {
    const torch::Tensor X = oracle::normal({N, P}, 4);
    const torch::Tensor expected = oracle::map_singular_values(X, shrink);
    EXPECT_LT(oracle::largest_difference(singular_value_threshold(X, 1.5), expected), 1e-10);
    const torch::Tensor strided = torch::stack({X, X}, 2).select(2, 0);
    EXPECT_LT(oracle::largest_difference(singular_value_threshold(strided, 1.5), expected), 1e-10);
  }
}

}  // namespace
}  // namespace proxseg
