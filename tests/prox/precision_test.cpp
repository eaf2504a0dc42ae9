// float32 input on data whose naive Gram matrix loses the smaller singular values, against a
// float64 SVD.
#include <gtest/gtest.h>

#include "prox/oracle.h"
#include "proxseg/prox/priors.h"

namespace proxseg {
namespace {

constexpr int64_t kFrames = 50;
constexpr double kGreyLevel = 1.0 / 255;

// A static scene: [kFrames, P], rank one.
torch::Tensor still_scene(int64_t P) {
  torch::manual_seed(1);
  const torch::Tensor brightness = 0.95 + 0.1 * torch::rand({kFrames, 1}, torch::kDouble);
  return brightness.mm(0.1 + 0.8 * torch::rand({1, P}, torch::kDouble));
}

// Rank three in [0, 1].
torch::Tensor rank_three(int64_t P) {
  torch::manual_seed(2);
  return torch::rand({kFrames, 3}, torch::kDouble).mm(torch::rand({3, P}, torch::kDouble)) / 3;
}

// Relative error of the float32 gradient with the given knee.
double gradient_error(const torch::Tensor& X, double knee) {
  const torch::Tensor single = X.to(torch::kFloat32);
  SpectralOptions options;
  options.knee = knee;
  const torch::Tensor actual =
      oracle::gradient([&](const torch::Tensor& x) { return spectral_prior(x, options); }, single);
  const torch::Tensor expected = oracle::map_singular_values(
      single, [&](const torch::Tensor& s) { return s.clamp_max(knee) / knee; });
  return oracle::relative_error(actual, expected);
}

TEST(Precision, OfANoisyStillSceneAtFullSize) {
  const int64_t P = 640 * 480;
  const torch::Tensor X = still_scene(P) + 0.5 * kGreyLevel * oracle::normal({kFrames, P}, 3);
  EXPECT_LT(gradient_error(X, 1), 1e-4);
}

TEST(Precision, OfAlmostRankThree) {
  const int64_t P = 76800;
  const torch::Tensor X = rank_three(P) + 1e-4 * oracle::normal({kFrames, P}, 4);
  EXPECT_LT(gradient_error(X, 0.1), 1e-3);
}

TEST(Precision, OfExactRankThree) {
  EXPECT_LT(gradient_error(rank_three(76800), 1), 1e-4);
  EXPECT_LT(gradient_error(rank_three(76800), 0.1), 1e-3);
}

TEST(Precision, OfDuplicatedFrames) {
  const torch::Tensor X = still_scene(76800) + 4 * kGreyLevel * oracle::normal({kFrames, 76800}, 5);
  EXPECT_LT(gradient_error(torch::cat({X.narrow(0, 0, 25), X.narrow(0, 0, 25)}), 1), 1e-4);
}

TEST(Precision, OfTheValue) {
  const torch::Tensor X =
      (still_scene(76800) + 2 * kGreyLevel * oracle::normal({kFrames, 76800}, 6))
          .to(torch::kFloat32);
  const double expected = oracle::full_svd(X).s.sum().item<double>();
  EXPECT_NEAR(spectral_prior(X).item<double>() / expected, 1, 1e-6);
}

// A sum of millions of equal float32 terms drifts unless it is kept in float64.
TEST(Precision, OfLongSums) {
  const torch::Tensor x = torch::full({4, 1, 1000, 1001}, 0.1f);
  const double expected = 0.1f * static_cast<double>(x.numel());
  EXPECT_NEAR(l1_prior(x, Gradient::kProx, 1).item<double>() / expected, 1, 1e-7);
  EXPECT_NEAR(group_l1_prior(x, Gradient::kProx, 1).item<double>() / expected, 1, 1e-7);
}

}  // namespace
}  // namespace proxseg
