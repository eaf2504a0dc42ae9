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
        const auto cells = unshuffle_pixels(x, r);
        EXPECT_TRUE(torch::equal(cells, torch::pixel_unshuffle(x, r)));
        EXPECT_TRUE(cells.is_contiguous(torch::MemoryFormat::ChannelsLast));
        EXPECT_EQ(cells.requires_grad(), grad);
        EXPECT_TRUE(torch::equal(shuffle_pixels(cells, r), x));
      }
    }
  }
}

TEST(PixelShuffle, GradientsGoTheWayBack) {
  const auto x = torch::rand({2, 3, 4, 8}).requires_grad_();
  const auto weights = torch::rand({2, 12, 2, 4});
  (unshuffle_pixels(x, 2) * weights).sum().backward();
  EXPECT_TRUE(torch::equal(x.grad(), torch::pixel_shuffle(weights, 2)));
}

}  // namespace
}  // namespace proxseg
