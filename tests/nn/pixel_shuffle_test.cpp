#include "nn/pixel_shuffle.h"

#include <gtest/gtest.h>
#include <torch/autograd.h>

namespace proxseg {
namespace {

TEST(PixelShuffle, IsTorchsInAnyMemoryFormat) {
  for (const int64_t r : {2, 4}) {
    for (const bool channels_last : {false, true}) {
      for (const bool grad : {false, true}) {
        auto x = torch::rand({3, 5, 3 * r, 7 * r});
        if (channels_last) x = x.contiguous(torch::MemoryFormat::ChannelsLast);
        x.set_requires_grad(grad);
        const auto cells = unshuffle_pixels(x, r, torch::kFloat32);
        EXPECT_TRUE(torch::equal(cells, torch::pixel_unshuffle(x, r)));
        EXPECT_TRUE(cells.is_contiguous(torch::MemoryFormat::ChannelsLast));
        EXPECT_EQ(cells.requires_grad(), grad);
        EXPECT_TRUE(torch::equal(shuffle_pixels(cells, r, torch::kFloat32), x));
      }
    }
  }
}

TEST(PixelShuffle, ReadsPartsOfImages) {
  const auto whole = torch::rand({3, 5, 9, 12});
  const auto part = whole.narrow(2, 1, 8).narrow(3, 2, 8);
  EXPECT_TRUE(
      torch::equal(unshuffle_pixels(part, 4, torch::kFloat32), torch::pixel_unshuffle(part, 4)));
}

TEST(PixelShuffle, ConvertsOnTheWay) {
  const auto x = torch::rand({2, 3, 8, 12});
  const auto half = x.to(torch::kBFloat16);
  const auto cells = unshuffle_pixels(x, 2, torch::kBFloat16);
  EXPECT_TRUE(torch::equal(cells, torch::pixel_unshuffle(half, 2)));
  EXPECT_TRUE(torch::equal(shuffle_pixels(cells, 2, torch::kFloat32), half.to(torch::kFloat32)));
  const auto exact = torch::rand({2, 3, 8, 12}, torch::kFloat64);
  EXPECT_TRUE(torch::equal(
      shuffle_pixels(unshuffle_pixels(exact, 2, torch::kFloat64), 2, torch::kFloat64), exact));
}

TEST(PixelShuffle, GradientsGoTheWayBack) {
  const auto x = torch::rand({2, 3, 4, 8}).requires_grad_();
  const auto weights = torch::rand({2, 12, 2, 4});
  (unshuffle_pixels(x, 2, torch::kFloat32) * weights).sum().backward();
  EXPECT_TRUE(torch::equal(x.grad(), torch::pixel_shuffle(weights, 2)));

  const auto cells = weights.to(torch::kBFloat16).requires_grad_();
  (shuffle_pixels(cells, 2, torch::kFloat32) * x.detach()).sum().backward();
  EXPECT_EQ(cells.grad().scalar_type(), torch::kBFloat16);
  EXPECT_TRUE(
      torch::equal(cells.grad(), torch::pixel_unshuffle(x.detach(), 2).to(torch::kBFloat16)));
}

}  // namespace
}  // namespace proxseg
