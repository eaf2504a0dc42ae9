#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <atomic>
#include <thread>

#include "proxseg/core/error.h"
#include "support/sequence_files.h"

namespace proxseg {
namespace {

using ::testing::ElementsAre;

// Counts up to `frames`, fails at `bad`, and says how many calls it had.
class CountingSource : public FrameSource {
 public:
  CountingSource(int64_t frames, int64_t bad, std::shared_ptr<std::atomic<int64_t>> calls)
      : frames_(frames), bad_(bad), calls_(std::move(calls)) {
    info_.frames = frames;
  }
  const SequenceInfo& info() const override { return info_; }
  const std::vector<std::string>& skipped() const override { return skipped_; }
  std::optional<Frame> grab() override {
    const int64_t call = ++*calls_;
    if (call == bad_) throw InputError("frame " + std::to_string(call) + " is broken");
    if (call > frames_) return std::nullopt;
    if (call % 10 == 0) skipped_.push_back(std::to_string(call));
    return Frame{std::to_string(call), call, gray_image(1)};
  }

 private:
  int64_t frames_;
  int64_t bad_;
  std::shared_ptr<std::atomic<int64_t>> calls_;
  SequenceInfo info_;
  std::vector<std::string> skipped_;
};

std::unique_ptr<FrameSource> counting(
    int64_t frames, int64_t bad = -1,
    std::shared_ptr<std::atomic<int64_t>> calls = std::make_shared<std::atomic<int64_t>>(0)) {
  return std::make_unique<CountingSource>(frames, bad, std::move(calls));
}

TEST(Prefetch, GivesTheSameFramesInOrder) {
  for (const int depth : {1, 3, 100}) {
    const auto source = prefetch(counting(50), depth);
    EXPECT_EQ(source->info().frames, 50);
    for (int64_t i = 1; i <= 50; ++i) {
      const auto frame = source->next();
      ASSERT_TRUE(frame);
      ASSERT_EQ(frame->number, i);
    }
    EXPECT_FALSE(source->next());
    EXPECT_FALSE(source->next());
  }
}

TEST(Prefetch, ErrorsArriveBehindTheFramesBeforeThem) {
  const auto source = prefetch(counting(50, 4));
  for (int64_t i = 1; i <= 3; ++i) EXPECT_EQ(source->next()->number, i);
  const auto call = [&] { source->next(); };
  EXPECT_EQ(message_of<InputError>(call), "frame 4 is broken");
  EXPECT_EQ(message_of<InputError>(call), "frame 4 is broken");
}

TEST(Prefetch, SkippedNamesArriveWithTheirFrames) {
  const auto source = prefetch(counting(25), 20);
  for (int i = 0; i < 9; ++i) source->next();
  EXPECT_TRUE(source->skipped().empty());
  source->next();
  EXPECT_THAT(source->skipped(), ElementsAre("10"));
  while (source->next()) {
  }
  source->next();
  EXPECT_THAT(source->skipped(), ElementsAre("10", "20"));
}

TEST(KeepUp, SkippedNamesOfFramesThatAreLeftOutArriveWithTheNextOne) {
  const auto calls = std::make_shared<std::atomic<int64_t>>(0);
  const auto source = keep_up(counting(1000, -1, calls), 4);
  while (*calls <= 1000) std::this_thread::yield();
  while (source->next()) {
  }
  EXPECT_EQ(source->skipped().size(), 100U);
}

TEST(Prefetch, ReadsNoFurtherThanItsDepthAndStopsAtOnce) {
  const auto calls = std::make_shared<std::atomic<int64_t>>(0);
  {
    const auto source = prefetch(counting(1'000'000, -1, calls), 4);
    source->next();
  }
  EXPECT_LE(*calls, 1 + 4 + 1);
}

TEST(Prefetch, EndsUnusedAndRefusesNoDepth) {
  prefetch(counting(10)).reset();
  EXPECT_THROW(prefetch(counting(10), 0), UsageError);
}

}  // namespace
}  // namespace proxseg
