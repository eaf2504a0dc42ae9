#include "nn/kernels/kernels.h"

#include <gtest/gtest.h>
#include <torch/autograd.h>

#include "proxseg/nn/unet.h"

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

TEST(PixelShuffle, ReadsPartsOfImages) {
  const auto whole = torch::rand({3, 5, 9, 12});
  const auto part = whole.narrow(2, 1, 8).narrow(3, 2, 8);
  EXPECT_TRUE(torch::equal(unshuffle_pixels(part, 4), torch::pixel_unshuffle(part, 4)));
}

TEST(PixelShuffle, KeepsTheType) {
  for (const auto type : {torch::kBFloat16, torch::kFloat64}) {
    const auto x = torch::rand({2, 3, 8, 12}).to(type);
    const auto cells = unshuffle_pixels(x, 2);
    EXPECT_TRUE(torch::equal(cells, torch::pixel_unshuffle(x, 2)));
    EXPECT_TRUE(torch::equal(shuffle_pixels(cells, 2), x));
  }
}

TEST(PixelShuffle, StacksThePixelsOfACellInTheirOrder) {
  for (const int64_t r : {2, 4}) {
    for (const int64_t channels : {1, 3, 6, 7}) {
      for (const auto type : {torch::kFloat32, torch::kBFloat16, torch::kFloat64}) {
        const auto x = torch::rand({2, channels, 3 * r, 5 * r}).to(type);
        const auto stacked = stack_pixels(x, r, r);
        for (int64_t k = 0; k < r * r; ++k) {
          const auto pixel = x.slice(2, k / r, {}, r).slice(3, k % r, {}, r);
          EXPECT_TRUE(torch::equal(stacked.narrow(1, k * channels, channels), pixel));
        }
        EXPECT_TRUE(stacked.is_contiguous(torch::MemoryFormat::ChannelsLast));
        EXPECT_TRUE(torch::equal(
            stacked, unshuffle_pixels(x, r).index_select(1, stacking_order(channels, r))));
      }
    }
  }
}

TEST(PixelShuffle, RepeatsTheLastPixelsWhereCellsAreNotFull) {
  for (const int64_t r : {2, 4}) {
    for (const int64_t height : {1, 7, 16}) {
      for (const int64_t width : {2, 13, 24}) {
        for (const auto type : {torch::kFloat32, torch::kFloat64}) {
          const auto x = torch::rand({2, 3, height, width}).to(type);
          const auto stacked = stack_pixels(x, r, 8);
          EXPECT_TRUE(torch::equal(stacked, stack_pixels(pad_to_stride(x, 8), r, r)));
        }
      }
    }
  }
}

TEST(PixelShuffle, GradientsGoTheWayBack) {
  for (const auto type : {torch::kFloat32, torch::kBFloat16}) {
    const auto x = torch::rand({2, 3, 4, 8}).to(type).requires_grad_();
    const auto weights = torch::rand({2, 12, 2, 4}).to(type);
    unshuffle_pixels(x, 2).backward(weights);
    EXPECT_TRUE(torch::equal(x.grad(), torch::pixel_shuffle(weights, 2)));

    const auto cells = weights.clone().requires_grad_();
    shuffle_pixels(cells, 2).backward(x.detach());
    EXPECT_TRUE(torch::equal(cells.grad(), torch::pixel_unshuffle(x.detach(), 2)));
  }
}

}  // namespace
}  // namespace proxseg
