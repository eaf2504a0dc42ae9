#include "proxseg/train/memory.h"

#include <gtest/gtest.h>

namespace proxseg {
namespace {

constexpr double kGiB = 1 << 30;

TEST(FramesToHold, IsBoundByCountAndByMemory) {
  TrainOptions options;
  options.max_frames = 100;
  options.memory = 4.0;  // one for frames
  EXPECT_EQ(frames_to_hold(options, 1 << 20, 1), 100);
  EXPECT_EQ(frames_to_hold(options, 1 << 24, 1), 64);
  EXPECT_EQ(frames_to_hold(options, 1 << 24, 4), 16);
  EXPECT_EQ(frames_to_hold(options, int64_t{1} << 40, 1), 1);
}

UNetOptions network() {
  UNetOptions options;
  options.in_channels = 6;
  options.pixel_unshuffle = 2;
  return options;
}

TEST(PlanStep, TakesABatchWholeWhereItFits) {
  const StepPlan plan = plan_step({}, network(), 16, 3, 240, 320);
  EXPECT_EQ(plan.chunks, 1);
  EXPECT_FALSE(plan.loss_in_pieces);
}

TEST(PlanStep, ChunksFitInHalfOfTheMemory) {
  TrainOptions options;
  for (const double memory : {0.5, 1.0, 2.0}) {
    options.memory = memory;
    const StepPlan plan = plan_step(options, network(), 64, 3, 480, 640);
    const int64_t largest = (64 + plan.chunks - 1) / plan.chunks;
    const auto frame = static_cast<double>(activation_bytes(network(), 480, 640));
    EXPECT_GT(plan.chunks, 1);
    EXPECT_LE(static_cast<double>(largest) * frame, memory / 2 * kGiB);
    EXPECT_TRUE(plan.loss_in_pieces);
  }
}

TEST(PlanStep, AChunkIsAtLeastAFrame) {
  TrainOptions options;
  options.memory = 0.001;
  EXPECT_EQ(plan_step(options, network(), 5, 3, 1080, 1920).chunks, 5);
}

TEST(PlanStep, ProcessesShareAChunk) {
  TrainOptions options;
  options.memory = 0.001;
  EXPECT_EQ(plan_step(options, network(), 12, 3, 1080, 1920, 2).chunks, 6);
  EXPECT_EQ(plan_step(options, network(), 5, 3, 1080, 1920, 2).chunks, 2);
  EXPECT_EQ(plan_step(options, network(), 3, 3, 1080, 1920, 3).chunks, 1);
}

}  // namespace
}  // namespace proxseg
