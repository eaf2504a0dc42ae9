#include "train/bfloat16_gradients.h"

#include <gtest/gtest.h>
#include <torch/autograd.h>
#include <torch/types.h>

namespace proxseg {
namespace {

torch::Tensor weights_gradient(const torch::Tensor& x, const torch::Tensor& weights,
                               torch::ScalarType type) {
  const auto w = weights.to(type).detach().requires_grad_(true);
  const auto y = torch::conv2d(x.to(type), w, {}, /*stride=*/1, /*padding=*/1);
  return torch::autograd::grad({y.to(torch::kFloat32).square().sum()}, {w})[0].to(torch::kFloat32);
}

TEST(Bfloat16Gradients, AreNearFloat32sWhereTheyHold) {
  torch::manual_seed(1);
  for (const int64_t width : {40, 106, 160, 212, 224, 256, 320, 424, 512}) {
    const auto x = torch::randn({3, 8, 40, width}).contiguous(torch::MemoryFormat::ChannelsLast);
    const auto weights = 0.1 * torch::randn({16, 8, 3, 3});
    const auto exact = weights_gradient(x, weights, torch::kFloat32);
    const auto rounded = weights_gradient(x, weights, torch::kBFloat16);
    const double error = ((rounded - exact).norm() / exact.norm()).item<double>();
    EXPECT_TRUE(error < 0.05 || !bfloat16_gradients_hold(width)) << width << ": " << error;
  }
}

TEST(Bfloat16Gradients, HoldInTheImagesOfTheDefaultRecipe) {
  EXPECT_TRUE(bfloat16_gradients_hold(212));  // 100,000 pixels of 16:9, unshuffled by 2
}

TEST(Bfloat16Gradients, LeaveRandomNumbersAlone) {
  torch::manual_seed(1);
  const auto expected = torch::rand({4});
  torch::manual_seed(1);
  bfloat16_gradients_hold(640);
  EXPECT_TRUE(torch::equal(torch::rand({4}), expected));
}

}  // namespace
}  // namespace proxseg
