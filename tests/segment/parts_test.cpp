// Recordings that are segmented part by part.
#include <fmt/format.h>
#include <gmock/gmock.h>

#include <opencv2/imgcodecs.hpp>

#include "proxseg/segment/median_segmenter.h"
#include "proxseg/segment/session.h"
#include "support/scene_files.h"
#include "support/sequence_files.h"

namespace proxseg {
namespace {

namespace fs = std::filesystem;
using testing::IsEmpty;

// Fifty frames, a camera's usual two seconds, of one scene and then of another, with a square that moves.
struct Recording : testing::Test {
  Recording() {
    for (int i = 1; i <= 50; ++i) {
      cv::Mat image = noise_image(i <= 25 ? 1 : 2) / 2;
      image(cv::Rect(2 * (i % 25), 10, 8, 8)) = cv::Scalar::all(255);
      save(fs::path(input) / fmt::format("in{:06}.png", 100 + i), image);
    }
  }

  // By the median of each part of about so many seconds.
  SequenceResult infer(double period, const std::string& out, const SourceOptions& source = {}) {
    BackgroundOptions options;
    options.frames = 50;
    options.period = period;
    MedianSegmenter median(options);
    return infer_sequence(median, {input, "recording"}, folder / out, source, {});
  }

  double area(const std::string& out, int number) const {
    return static_cast<double>(cv::countNonZero(mask(out, number))) / (64.0 * 48.0);
  }

  cv::Mat mask(const std::string& out, int number) const {
    return cv::imread((folder / out / fmt::format("mask/in{:06}.png", 100 + number)).string(),
                      cv::IMREAD_UNCHANGED);
  }

  const TemporaryFolder folder;
  const std::string input = (folder / "recording").string();
};

TEST_F(Recording, HasABackgroundForEachOfItsParts) {
  EXPECT_THAT(infer(1.0, "parts").warnings, IsEmpty());
  infer(10.0, "whole");
  for (const int number : {1, 12, 25, 26, 38, 50}) {
    EXPECT_NEAR(area("parts", number), 64.0 / (64.0 * 48.0), 0.02) << number;
  }
  EXPECT_GT(area("whole", 12) + area("whole", 38), 0.3);
}

TEST_F(Recording, HasTheSameMasksInARangeAndAfterAnInterruption) {
  infer(1.0, "parts");
  infer(1.0, "range", {.range = "20:30"});
  ASSERT_EQ(listing(folder / "range/mask").size(), 11U);
  infer(1.0, "again");
  for (const int number : {3, 25, 26, 40}) {
    fs::remove(folder / "again/mask" / fmt::format("in{:06}.png", 100 + number));
  }
  EXPECT_EQ(infer(1.0, "again").segmented, 4);
  for (int number = 1; number <= 50; ++number) {
    const cv::Mat expected = mask("parts", number);
    EXPECT_EQ(cv::norm(mask("again", number), expected, cv::NORM_INF), 0.0) << number;
    if (number < 20 || number > 30) continue;
    EXPECT_EQ(cv::norm(mask("range", number), expected, cv::NORM_INF), 0.0) << number;
  }
}

// Its masks are as bright as the part that it has begun: 100, 101, ...
class PartSegmenter final : public Segmenter {
 public:
  explicit PartSegmenter(double seconds) : end_of_first_(seconds) {}

  std::vector<Span> parts(const SequenceInfo&) const override {
    return {{0.0, end_of_first_}, {end_of_first_}};
  }
  void begin(const SequenceInfo& sequence, const std::set<Product>&) override {
    part_ = sequence.part->start > 0.0 ? 101 : 100;
  }
  std::vector<Segmentation> segment(const std::vector<cv::Mat>& frames,
                                    const std::set<Product>&) override {
    const cv::Mat mask(frames[0].size(), CV_8U, cv::Scalar(part_));
    return std::vector<Segmentation>(frames.size(), {mask, {}, {}, {}});
  }
  cv::Mat background() const override { return gray_image(part_); }
  int64_t batch() const override { return 5; }

 private:
  double end_of_first_;
  int part_ = 0;
};

// Also of those that wait for a batch, however few.
TEST(Parts, HoldTheirOwnFramesAlone) {
  for (const int first : {1, 3, 5, 7}) {
    const TemporaryFolder folder;
    const std::string scene = write_tiny_scene(folder, 12);
    PartSegmenter segmenter((first - 0.5) / 25.0);
    const fs::path out = folder / "out";
    infer_sequence(segmenter, {scene, "scene"}, out, {}, {});
    for (int number = 1; number <= 12; ++number) {
      const cv::Mat mask = cv::imread((out / fmt::format("mask/in{:06}.png", number)).string(),
                                      cv::IMREAD_UNCHANGED);
      EXPECT_EQ(mask.at<uchar>(0), number <= first ? 100 : 101) << first << " " << number;
    }
  }
}

}  // namespace
}  // namespace proxseg
