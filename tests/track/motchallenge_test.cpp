#include "proxseg/track/motchallenge.h"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <map>
#include <set>

#include "support/expect_error.h"
#include "support/sequence_files.h"

namespace proxseg {
namespace {

struct MotChallenge : testing::Test {
  const TemporaryFolder folder;
  std::vector<MotBox> read(const std::string& text) const {
    save_text(folder / "tracks.txt", text);
    return read_motchallenge(folder / "tracks.txt");
  }
};

TEST_F(MotChallenge, ReadsWhatItWrites) {
  const std::string text =
      "1,3,794.27,247.59,71.245,174.88,1,-1,-1,-1\n2,3,800,250,71,175,0.5,-1,-1,-1\n";
  const auto boxes = read(text);
  ASSERT_EQ(boxes.size(), 2U);
  EXPECT_EQ(boxes[1].frame, 2);
  EXPECT_EQ(boxes[1].id, 3);
  EXPECT_EQ(boxes[0].box, cv::Rect2d(794.27, 247.59, 71.245, 174.88));
  EXPECT_EQ(boxes[1].confidence, 0.5);
  EXPECT_EQ(to_motchallenge(boxes), text);
}

TEST_F(MotChallenge, TakesTheColumnsOfGroundTruthAndBlanks) {
  const auto boxes = read("1, 2, 10, 20, 5, 6, 0, 7, 0.25\r\n\n 2,2,10,20,5,6\n");
  ASSERT_EQ(boxes.size(), 2U);
  EXPECT_EQ(boxes[0].confidence, 0.0);
  EXPECT_EQ(boxes[1].confidence, 1.0);
  EXPECT_TRUE(read("").empty());
}

TEST_F(MotChallenge, RefusesRowsThatAreNone) {
  for (const char* row : {"frame,id,x,y,w,h", "1,2,3,4,5", "1,2,3,4,0,6", "1.5,2,3,4,5,6",
                          "-1,2,3,4,5,6", "1,2,3,4,5,nan", "1,2,,4,5,6", "1,2,inf,4,5,6",
                          "1e300,2,3,4,5,6", "nan,2,3,4,5,6", "1,2,3,4,5,6,-inf"}) {
    expect_error(ExitCode::kInput, {"tracks.txt", "line 2", "MOTChallenge"},
                 [&] { read("1,1,3,4,5,6\n" + std::string(row) + "\n"); });
  }
}

TEST_F(MotChallenge, RefusesTwoBoxesOfOneIdInAFrame) {
  expect_error(ExitCode::kInput, {"line 2", "second box of 7 in frame 3"},
               [&] { read("3,7,1,1,5,5\n3,7,2,2,5,5\n"); });
}

// tests/track/real/README.md says how many boxes of how many objects count.
struct LabelledSequence {
  const char* name;
  cv::Size frame;
  int64_t frames;
  size_t boxes, objects;
};

struct LabelledByHand : testing::TestWithParam<LabelledSequence> {};

TEST_P(LabelledByHand, EveryObjectIsInItsFramesWithoutGaps) {
  const auto& [name, size, frames, count, objects] = GetParam();
  const auto boxes =
      read_motchallenge(fmt::format("{}/tests/track/real/{}.txt", PROXSEG_SOURCE_DIR, name));
  std::map<int64_t, int64_t> last;  // frame of each object
  std::set<int64_t> counted;
  size_t boxes_that_count = 0;
  for (const MotBox& box : boxes) {
    EXPECT_EQ(box.box & cv::Rect2d({0, 0}, cv::Size2d(size)), box.box) << box.frame;
    EXPECT_TRUE(last.count(box.id) == 0 || last[box.id] == box.frame - 1)
        << box.id << " before " << box.frame;
    last[box.id] = box.frame;
    EXPECT_LE(box.frame, frames);
    if (box.confidence == 0.0) continue;
    ++boxes_that_count;
    counted.insert(box.id);
  }
  EXPECT_EQ(boxes_that_count, count);
  EXPECT_EQ(counted.size(), objects);
}

INSTANTIATE_TEST_SUITE_P(Real, LabelledByHand,
                         testing::Values(LabelledSequence{"highway", {320, 240}, 200, 1177, 12},
                                         LabelledSequence{"HighwayI", {320, 240}, 120, 511, 41},
                                         LabelledSequence{"CAVIAR2", {384, 256}, 200, 386, 2}));

}  // namespace
}  // namespace proxseg
