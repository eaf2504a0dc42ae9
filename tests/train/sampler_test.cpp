#include "proxseg/train/schedule.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <set>

namespace proxseg {
namespace {

TEST(Sampler, DrawsDifferentFramesInOrder) {
  for (int64_t step = 0; step < 50; ++step) {
    const auto batch = sample_batch(Sampling::kRandom, 30, 12, 7, step);
    ASSERT_EQ(batch.size(), 12U);
    EXPECT_TRUE(std::is_sorted(batch.begin(), batch.end()));
    EXPECT_EQ(std::set<int64_t>(batch.begin(), batch.end()).size(), 12U);
    EXPECT_GE(batch.front(), 0);
    EXPECT_LT(batch.back(), 30);
  }
}

TEST(Sampler, ReachesEveryFrameAboutEquallyOften) {
  std::vector<int> counts(20, 0);
  constexpr int kSteps = 2000;
  for (int64_t step = 0; step < kSteps; ++step) {
    for (const int64_t i : sample_batch(Sampling::kRandom, 20, 5, 1, step))
      ++counts[static_cast<size_t>(i)];
  }
  // Binomial with deviation 19.4: six deviations.
  constexpr int kMean = kSteps * 5 / 20;
  for (const int count : counts) EXPECT_NEAR(count, kMean, 116);
}

TEST(Sampler, IsAFunctionOfSeedAndStep) {
  EXPECT_EQ(sample_batch(Sampling::kRandom, 1000, 16, 3, 9),
            sample_batch(Sampling::kRandom, 1000, 16, 3, 9));
  EXPECT_NE(sample_batch(Sampling::kRandom, 1000, 16, 3, 9),
            sample_batch(Sampling::kRandom, 1000, 16, 3, 10));
  EXPECT_NE(sample_batch(Sampling::kRandom, 1000, 16, 3, 9),
            sample_batch(Sampling::kRandom, 1000, 16, 4, 9));
  // Seeds that differ in their upper half only are different too.
  EXPECT_NE(sample_batch(Sampling::kRandom, 1000, 16, 3, 9),
            sample_batch(Sampling::kRandom, 1000, 16, 3 + (uint64_t{1} << 32), 9));
}

TEST(Sampler, FixedGivesOneBatchForever) {
  const auto batch = sample_batch(Sampling::kFixed, 1000, 50, 3, 0);
  EXPECT_EQ(sample_batch(Sampling::kFixed, 1000, 50, 3, 77), batch);
  EXPECT_NE(sample_batch(Sampling::kFixed, 1000, 50, 4, 0), batch);
}

TEST(SampleWindow, LiesInTheFrameAndReachesItsCorners) {
  bool first = false, last = false;
  for (int64_t step = 0; step < 20000; ++step) {
    const Window w = sample_window(0.5, 140, 200, 1, step);
    ASSERT_EQ(w.height, 70);
    ASSERT_EQ(w.width, 100);
    ASSERT_TRUE(w.top >= 0 && w.top <= 70 && w.left >= 0 && w.left <= 100);
    first |= w.top == 0 && w.left == 0;
    last |= w.top == 70 && w.left == 100;
  }
  EXPECT_TRUE(first);
  EXPECT_TRUE(last);
}

TEST(SampleWindow, IsAFunctionOfSeedAndStep) {
  const auto place = [](uint64_t seed, int64_t step) {
    const Window w = sample_window(0.5, 1000, 1000, seed, step);
    return std::pair(w.top, w.left);
  };
  EXPECT_EQ(place(3, 9), place(3, 9));
  EXPECT_NE(place(3, 9), place(3, 10));
  EXPECT_NE(place(3, 9), place(4, 9));
}

TEST(SampleWindow, TakesSmallFramesWhole) {
  const Window w = sample_window(0.5, 126, 400, 1, 5);
  EXPECT_EQ(w.top, 0);
  EXPECT_EQ(w.left, 0);
  EXPECT_EQ(w.height, 126);
  EXPECT_EQ(w.width, 400);
}

TEST(Sampler, TakesAllOfAShortClip) {
  EXPECT_EQ(sample_batch(Sampling::kRandom, 3, 16, 1, 0), (std::vector<int64_t>{0, 1, 2}));
}

}  // namespace
}  // namespace proxseg
