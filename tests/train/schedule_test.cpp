#include "proxseg/train/schedule.h"

#include <gtest/gtest.h>

namespace proxseg {
namespace {

TrainOptions options(Schedule schedule) {
  TrainOptions o;
  o.learning_rate = 0.5;
  o.steps = 100;
  o.warmup = 0;
  o.schedule = schedule;
  o.schedule_period = 40;
  return o;
}

TEST(Schedule, ConstantStays) {
  EXPECT_DOUBLE_EQ(learning_rate_at(options(Schedule::kConstant), 0), 0.5);
  EXPECT_DOUBLE_EQ(learning_rate_at(options(Schedule::kConstant), 99), 0.5);
}

TEST(Schedule, CosineFallsFromAllToNothing) {
  const auto o = options(Schedule::kCosine);
  EXPECT_DOUBLE_EQ(learning_rate_at(o, 0), 0.5);
  EXPECT_NEAR(learning_rate_at(o, 50), 0.25, 1e-12);
  EXPECT_NEAR(learning_rate_at(o, 100), 0.0, 1e-12);
  for (int64_t step = 1; step < 100; ++step) {
    EXPECT_LT(learning_rate_at(o, step), learning_rate_at(o, step - 1));
  }
}

TEST(Schedule, StepDividesByTen) {
  const auto o = options(Schedule::kStep);
  EXPECT_DOUBLE_EQ(learning_rate_at(o, 39), 0.5);
  EXPECT_DOUBLE_EQ(learning_rate_at(o, 40), 0.05);
  EXPECT_DOUBLE_EQ(learning_rate_at(o, 80), 0.005);
}

TEST(Schedule, WarmupIsLinearAndEndsAtTheFullRate) {
  auto o = options(Schedule::kConstant);
  o.warmup = 4;
  EXPECT_DOUBLE_EQ(learning_rate_at(o, 0), 0.125);
  EXPECT_DOUBLE_EQ(learning_rate_at(o, 3), 0.5);
  EXPECT_DOUBLE_EQ(learning_rate_at(o, 4), 0.5);
}

TEST(Schedule, FirstStepsSeeHalfTheSize) {
  TrainOptions o;
  o.steps = 100;
  o.half_size = 0.6;
  EXPECT_TRUE(is_at_half_size(o, 0, 240));
  EXPECT_TRUE(is_at_half_size(o, 59, 240));
  EXPECT_FALSE(is_at_half_size(o, 60, 240));
  EXPECT_FALSE(is_at_half_size(o, 0, 127)) << "63 pixels are too few";
  EXPECT_TRUE(is_at_half_size(o, 0, 128));
  o.half_size = 0.0;
  EXPECT_FALSE(is_at_half_size(o, 0, 240));
}

}  // namespace
}  // namespace proxseg
