#include "nn/kernels/kernels.h"

#include <gtest/gtest.h>

namespace proxseg {
namespace {

torch::Tensor images(int64_t n, int64_t h, int64_t w, torch::ScalarType type) {
  const auto x = torch::randn({n, 5, h, w}).to(type);
  return x.contiguous(torch::MemoryFormat::ChannelsLast);
}

TEST(ConvolutionRelu, IsConvolutionThenReluForEveryShapeInTurn) {
  const torch::InferenceMode inference;
  for (const auto type : {torch::kFloat32, torch::kBFloat16}) {
    const auto weight =
        torch::randn({7, 5, 3, 3}).to(type).contiguous(torch::MemoryFormat::ChannelsLast);
    const auto bias = torch::randn({7}).to(type);
    const double tolerance = type == torch::kFloat32 ? 1e-5 : 0.1;
    for (const int64_t padding : {0, 1}) {
      ConvolutionRelu convolution({weight, bias}, padding);
      for (const auto& [n, h, w] : {std::array{2, 9, 12}, {1, 9, 12}, {3, 4, 20}}) {
        const auto x = images(n, h, w, type);
        const auto expected = torch::relu(torch::conv2d(x, weight, bias, 1, padding));
        const auto y = convolution(x);
        ASSERT_EQ(y.sizes(), expected.sizes());
        EXPECT_EQ(y.scalar_type(), type);
        EXPECT_TRUE(y.is_contiguous(torch::MemoryFormat::ChannelsLast));
        EXPECT_GE(y.min().item<double>(), 0.0);
        EXPECT_GT(y.max().item<double>(), 1.0);
        EXPECT_LT((y - expected).abs().max().item<double>(), tolerance);
      }
    }
  }
}

}  // namespace
}  // namespace proxseg
