#include "nn/kernels/kernels.h"

#include <gtest/gtest.h>
#include <torch/types.h>

namespace proxseg {
namespace {

struct Layer {
  Convolution convolution;
  torch::Tensor features, cells;
  int64_t r;
};

// Channels last. cells: 0 for none.
Layer layer_of(int64_t features, int64_t cells, int64_t r, bool bias, torch::ScalarType type) {
  torch::manual_seed(1);
  const auto values = [&](int64_t channels) {
    return torch::randn({2, channels, 3, 5}).to(type).contiguous(torch::MemoryFormat::ChannelsLast);
  };
  Layer layer = {{torch::randn({r * r, features + cells, 1, 1}).to(type), {}}, {}, {}, r};
  if (bias) layer.convolution.bias = torch::randn({r * r}).to(type);
  layer.features = values(features);
  if (cells > 0) layer.cells = values(cells);
  return layer;
}

torch::Tensor in_double(const torch::Tensor& x) { return x.defined() ? x.to(torch::kDouble) : x; }

// The formula, in float64.
torch::Tensor expected(const Layer& layer) {
  const auto features = in_double(layer.features), cells = in_double(layer.cells);
  const auto seen = cells.defined() ? torch::cat({features, cells.abs()}, 1) : features;
  const auto values =
      torch::conv2d(seen, in_double(layer.convolution.weight), in_double(layer.convolution.bias));
  return torch::pixel_shuffle(values, layer.r);
}

torch::Tensor output_of(const Layer& layer) {
  return output_layer(layer.convolution, layer.features, layer.cells, layer.r);
}

double largest_difference(const torch::Tensor& a, const torch::Tensor& b) {
  return (in_double(a) - b).abs().max().item<double>();
}

TEST(OutputLayer, IsAConvolutionOverFeaturesAndMagnitudes) {
  const torch::NoGradGuard no_grad;
  for (const int64_t r : {1, 2, 4}) {
    for (const int64_t features : {6, 8, 16}) {
      for (const int64_t cells : {0, 8, 12, 24}) {
        for (const bool bias : {false, true}) {
          const Layer layer = layer_of(features, cells, r, bias, torch::kFloat32);
          const auto y = output_of(layer);
          ASSERT_EQ(y.sizes(), torch::IntArrayRef({2, 1, 3 * r, 5 * r}));
          EXPECT_LT(largest_difference(y, expected(layer)), 2e-5)
              << r << ' ' << features << ' ' << cells << ' ' << bias;
        }
      }
    }
  }
}

TEST(OutputLayer, AddsBfloat16InFloat32) {
  const torch::NoGradGuard no_grad;
  for (const int64_t r : {2, 4}) {
    const Layer layer = layer_of(16, 24, r, /*bias=*/true, torch::kBFloat16);
    const auto y = output_of(layer);
    EXPECT_EQ(y.scalar_type(), torch::kFloat32);
    EXPECT_LT(largest_difference(y, expected(layer)), 2e-5);
  }
}

TEST(OutputLayer, TakesAnyMemoryFormat) {
  const torch::NoGradGuard no_grad;
  Layer layer = layer_of(16, 8, 2, /*bias=*/true, torch::kFloat32);
  layer.features = layer.features.contiguous();
  layer.cells = layer.cells.contiguous();
  EXPECT_LT(largest_difference(output_of(layer), expected(layer)), 2e-5);
}

TEST(OutputLayer, TakesFeaturesOfAnotherTypeThanCells) {
  const torch::NoGradGuard no_grad;
  Layer layer = layer_of(16, 8, 2, /*bias=*/true, torch::kFloat32);
  layer.cells = layer.cells.to(torch::kBFloat16);  // as a group norm gives them in autocast
  EXPECT_LT(largest_difference(output_of(layer), expected(layer)), 2e-5);
}

TEST(OutputLayer, GivesGradientsWhereTheyAreAsked) {
  Layer layer = layer_of(16, 8, 2, /*bias=*/true, torch::kFloat32);
  layer.convolution.weight.requires_grad_();
  layer.features.requires_grad_();
  const auto y = output_of(layer);
  EXPECT_LT(largest_difference(y.detach(), expected(layer).detach()), 2e-5);
  y.sum().backward();
  const auto seen = torch::cat({layer.features.detach(), layer.cells.abs()}, 1);
  const auto gradient = seen.sum({0, 2, 3}).expand({4, 24});
  EXPECT_LT(largest_difference(layer.convolution.weight.grad().view({4, 24}), gradient), 1e-4);
  EXPECT_TRUE(layer.features.grad().defined());
}

}  // namespace
}  // namespace proxseg
