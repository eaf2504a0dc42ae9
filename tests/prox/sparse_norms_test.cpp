#include "prox/sparse_norms.h"

#include <gtest/gtest.h>

#include <cmath>

namespace proxseg {
namespace {

constexpr Slope kSlopes[] = {{0.0, 1.5}, {0.7, 1.5}, {0.7, -2.0}};

torch::Tensor values(torch::IntArrayRef size, torch::ScalarType type) {
  return (torch::randn(size) * 2.0).round().div(2.0).to(type);  // differences of 0 among them
}

template <typename Gradient>
torch::Tensor filled(const torch::Tensor& x, Slope slope, const Gradient& gradient) {
  torch::Tensor to = torch::full_like(x, std::nan(""));
  gradient(x, slope, to);
  return to;
}

void expect_close(const torch::Tensor& a, const torch::Tensor& b) {
  EXPECT_TRUE(torch::allclose(a, b, 1e-6, 1e-6));
}

TEST(SparseNorms, LoopsAreWhatTheOperatorsAre) {
  torch::manual_seed(1);
  for (const auto type : {torch::kFloat32, torch::kFloat64}) {
    for (const auto& [h, w] : {std::pair{1, 1}, {1, 5}, {7, 1}, {6, 31}, {9, 33}, {40, 64}}) {
      const torch::Tensor x = values({3, 2, h, w}, type);
      const double size = static_cast<double>(x.numel());
      EXPECT_NEAR(L1Norm::value(x), by_aten::l1(x), 1e-6 * size);
      EXPECT_NEAR(TotalVariation::value(x), by_aten::total_variation(x), 1e-6 * size);
      for (const Slope slope : kSlopes) {
        expect_close(filled(x, slope, L1Norm::gradient), filled(x, slope, by_aten::l1_gradient));
        expect_close(filled(x, slope, TotalVariation::gradient),
                     filled(x, slope, by_aten::total_variation_gradient));
      }
    }
  }
}

TEST(SparseNorms, HandNaNOn) {
  torch::Tensor x = torch::zeros({1, 1, 3, 4});
  x[0][0][1][2] = std::nan("");
  EXPECT_TRUE(std::isnan(L1Norm::value(x)));
  EXPECT_TRUE(std::isnan(TotalVariation::value(x)));
  const auto is_nan = [&](const auto& gradient) {
    return torch::isnan(filled(x, {0.7, 1.0}, gradient)).sum().template item<int64_t>();
  };
  EXPECT_EQ(is_nan(L1Norm::gradient), 1);
  EXPECT_EQ(is_nan(TotalVariation::gradient), 5) << "the pixel and its four neighbours";
}

}  // namespace
}  // namespace proxseg
