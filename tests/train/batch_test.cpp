#include "train/batch.h"

#include <gtest/gtest.h>

#include "proxseg/scene/tensors.h"

namespace proxseg {
namespace {

Batch batch_of_size(int64_t height, int64_t width) {
  torch::manual_seed(1);
  Batch batch;
  batch.bytes = torch::randint(256, {3, 2, height, width}).to(torch::kUInt8);
  batch.scene.background = torch::rand({1, 2, height, width});
  batch.gains = torch::ones({3});
  return batch;
}

TEST(AtHalfSize, IsTheMeanOfTwoByTwoPixels) {
  for (const auto& [height, width] : {std::pair{8, 70}, {9, 71}, {2, 2}}) {
    const Batch batch = batch_of_size(height, width), half = at_half_size(batch);
    const torch::Tensor means = torch::avg_pool2d(batch.bytes.to(torch::kFloat64), 2);
    EXPECT_EQ(half.bytes.scalar_type(), torch::kUInt8);
    EXPECT_TRUE(torch::equal(half.bytes.to(torch::kFloat64), (means + 0.5).floor()));
    EXPECT_TRUE(torch::equal(half.scene.background, torch::avg_pool2d(batch.scene.background, 2)));
  }
}

TEST(AtHalfSize, ReadsFramesThatAreNotDense) {
  Batch batch = batch_of_size(8, 70);
  const Batch expected = at_half_size(batch);
  batch.bytes = batch.bytes.contiguous(torch::MemoryFormat::ChannelsLast);
  EXPECT_TRUE(torch::equal(at_half_size(batch).bytes, expected.bytes));
}

TEST(InWindow, CutsFramesAndScene) {
  const Batch batch = batch_of_size(8, 70), part = in_window(batch, {2, 10, 5, 30});
  const auto cut = [](const torch::Tensor& x) { return x.narrow(2, 2, 5).narrow(3, 10, 30); };
  EXPECT_TRUE(torch::equal(part.bytes, cut(batch.bytes)));
  EXPECT_TRUE(torch::equal(part.scene.background, cut(batch.scene.background)));
}

TEST(WithShading, IsThatOfEachFrameInItsLight) {
  Batch batch = batch_of_size(12, 14);
  batch.scene.background = torch::full({1, 2, 12, 14}, 200.0 / 255.0);
  batch.scene.scale = torch::full({1, 1, 12, 14}, 0.05);
  batch.gains = torch::tensor({1.0F, 0.8F, 1.2F});
  batch.bytes = torch::full({3, 2, 12, 14}, 160, torch::kUInt8);
  EXPECT_FALSE(with_shading(batch).shading.defined());
  batch.scene.tells_shadows = true;
  const torch::Tensor shading = with_shading(batch).shading;
  ASSERT_EQ(shading.sizes(), torch::IntArrayRef({3, 1, 12, 14}));
  EXPECT_NEAR(shading[0].mean().item<double>(), 0.8, 1e-3);
  EXPECT_EQ(shading[1].min().item<double>(), 1.0) << "a darker frame is no shadow";
  EXPECT_NEAR(shading[2].mean().item<double>(), 160.0 / 240.0, 1e-3);
}

}  // namespace
}  // namespace proxseg
