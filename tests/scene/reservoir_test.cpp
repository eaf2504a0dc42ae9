#include "proxseg/scene/reservoir.h"

#include <numeric>

#include "support/expect_error.h"

namespace proxseg {
namespace {

std::vector<int64_t> kept(int64_t capacity, int64_t count) {
  FrameReservoir reservoir(capacity);
  for (int64_t i = 0; i < count; ++i) reservoir.add({"", i, {}});
  std::vector<int64_t> numbers;
  for (const Frame& frame : reservoir.frames()) numbers.push_back(frame.number);
  return numbers;
}

TEST(FrameReservoir, KeepsEverythingThatFits) {
  EXPECT_TRUE(kept(5, 0).empty());
  EXPECT_EQ(kept(5, 5), (std::vector<int64_t>{0, 1, 2, 3, 4}));
  EXPECT_EQ(FrameReservoir::spacing(5, 5), 1);
}

TEST(FrameReservoir, IsEvenlySpacedAndAtLeastHalfFull) {
  for (const int64_t capacity : {1, 2, 3, 7, 50}) {
    for (const int64_t count : {6, 51, 99, 100, 101, 1000}) {
      if (count <= capacity) continue;
      const auto numbers = kept(capacity, count);
      SCOPED_TRACE(std::to_string(capacity) + " of " + std::to_string(count));
      EXPECT_LE(static_cast<int64_t>(numbers.size()), capacity);
      EXPECT_GE(static_cast<int64_t>(numbers.size()), (capacity + 1) / 2);
      EXPECT_EQ(numbers[0], 0);
      if (numbers.size() < 2) continue;
      const int64_t spacing = numbers[1];
      EXPECT_EQ(FrameReservoir::spacing(count, capacity), spacing);
      for (size_t i = 1; i < numbers.size(); ++i) EXPECT_EQ(numbers[i] - numbers[i - 1], spacing);
      EXPECT_GE(numbers.back() + spacing, count) << "the end of the stream is left out";
    }
  }
}

TEST(FrameReservoir, NeedsRoomForOneFrame) {
  expect_error(ExitCode::kUsage, {"capacity = 0", ">= 1"}, [] { FrameReservoir(0); });
}

}  // namespace
}  // namespace proxseg
