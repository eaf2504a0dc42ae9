#include "nn/kernels/kernels.h"

#include <gtest/gtest.h>
#include <torch/autograd.h>

namespace proxseg {
namespace {

class ReflectionPad : public testing::TestWithParam<std::pair<int64_t, int64_t>> {
 protected:
  torch::Tensor input() const {
    torch::manual_seed(3);
    return torch::randn({2, 3, GetParam().first, GetParam().second}, torch::kDouble)
        .requires_grad_(true);
  }
};

TEST_P(ReflectionPad, GivesLibTorchsReflection) {
  const auto x = input();
  EXPECT_TRUE(torch::equal(reflection_pad(x), torch::reflection_pad2d(x, {1, 1, 1, 1})));
  EXPECT_TRUE(reflection_pad(x).is_contiguous(torch::MemoryFormat::ChannelsLast));
}

TEST_P(ReflectionPad, GivesLibTorchsGradient) {
  const auto x = input();
  const auto weights = torch::randn({2, 3, x.size(2) + 2, x.size(3) + 2}, torch::kDouble);
  const auto gradient = [&](const torch::Tensor& y) {
    return torch::autograd::grad({(weights * y * y).sum()}, {x})[0];
  };
  const auto expected = gradient(torch::reflection_pad2d(x, {1, 1, 1, 1}));
  EXPECT_LT((gradient(reflection_pad(x)) - expected).abs().max().item<double>(), 1e-12);
}

INSTANTIATE_TEST_SUITE_P(Sizes, ReflectionPad,
                         testing::Values(std::pair{2, 2}, std::pair{2, 5}, std::pair{3, 3},
                                         std::pair{7, 4}));

}  // namespace
}  // namespace proxseg
