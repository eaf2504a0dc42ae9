#include "nn/kernels/kernels.h"

#include <gtest/gtest.h>
#include <torch/autograd.h>

namespace proxseg {
namespace {

torch::Tensor reference(const torch::Tensor& x, const torch::Tensor& features) {
  const auto up =
      torch::upsample_bilinear2d(x, {2 * x.size(2), 2 * x.size(3)}, /*align_corners=*/false);
  return torch::cat({up, features}, 1);
}

double largest(const torch::Tensor& difference) {
  return difference.to(torch::kFloat64).abs().max().item<double>();
}

TEST(UpsampleBeside, IsTorchsUpsamplingAndConcatenation) {
  for (const auto& [h, w] : {std::pair{5, 7}, {1, 6}, {6, 1}, {1, 1}, {30, 40}}) {
    for (const bool channels_last : {false, true}) {
      auto x = torch::randn({2, 3, h, w});
      auto features = torch::randn({2, 4, 2 * h, 2 * w});
      if (channels_last) {
        x = x.contiguous(torch::MemoryFormat::ChannelsLast);
        features = features.contiguous(torch::MemoryFormat::ChannelsLast);
      }
      const auto y = upsample_beside(x, features);
      EXPECT_TRUE(y.is_contiguous(torch::MemoryFormat::ChannelsLast));
      EXPECT_LT(largest(y - reference(x, features)), 1e-6) << h << " x " << w;
      EXPECT_TRUE(torch::equal(y.narrow(1, 3, 4), features));
    }
  }
}

TEST(UpsampleBeside, RoundsToBFloat16Once) {
  const auto x = torch::randn({2, 16, 9, 11}).to(torch::kBFloat16);
  const auto features = torch::randn({2, 8, 18, 22}).to(torch::kBFloat16);
  const auto exact = reference(x.to(torch::kFloat32), features.to(torch::kFloat32));
  const auto y = upsample_beside(x, features);
  ASSERT_EQ(y.scalar_type(), torch::kBFloat16);
  const auto error = (y.to(torch::kFloat32) - exact).abs();
  EXPECT_TRUE((error <= exact.abs() / 256.0 + 1e-6).all().item<bool>());
}

TEST(UpsampleBeside, GradientsAreTorchs) {
  const auto x = torch::randn({2, 3, 4, 5}), features = torch::randn({2, 2, 8, 10});
  const auto weights = torch::randn({2, 5, 8, 10});
  const auto gradients_of = [&](const auto& function) {
    const auto a = x.clone().requires_grad_(), b = features.clone().requires_grad_();
    (function(a, b) * weights).sum().backward();
    return std::pair{a.grad(), b.grad()};
  };
  const auto [dx, dfeatures] = gradients_of(upsample_beside);
  const auto [expected_dx, expected_dfeatures] = gradients_of(reference);
  EXPECT_LT(largest(dx - expected_dx), 1e-6);
  EXPECT_TRUE(torch::equal(dfeatures, expected_dfeatures));
}

}  // namespace
}  // namespace proxseg
