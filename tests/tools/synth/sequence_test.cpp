#include "proxseg/tools/synth.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <opencv2/imgcodecs.hpp>
#include <set>
#include <string>

#include "proxseg/core/error.h"
#include "proxseg/media/cdnet.h"
#include "proxseg/media/image_file.h"
#include "support/expect_error.h"
#include "support/sequence_files.h"

namespace proxseg {
namespace {

namespace fs = std::filesystem;
using ::testing::HasSubstr;
using ::testing::UnorderedElementsAre;

bool same_image(const cv::Mat& a, const cv::Mat& b) {
  return a.type() == b.type() && a.size() == b.size() && cv::norm(a, b, cv::NORM_INF) == 0.0;
}

SynthOptions three_frames() {
  SynthOptions options;
  options.frames = 3;
  options.shadows = true;
  return options;
}

TEST(GenerateSequence, WritesWhatTheReaderReads) {
  const TemporaryFolder folder;
  generate_sequence(three_frames(), folder.string());
  EXPECT_THAT(listing(folder.string()),
              UnorderedElementsAre("input", "groundtruth", "ROI.bmp", "temporalROI.txt",
                                   "background.png", "tracks.txt"));
  const auto source = open_source(folder.string());
  EXPECT_EQ(source->info().kind, SequenceKind::kCdnet);
  EXPECT_EQ(source->info().frames, 3);
  EXPECT_EQ(source->info().size, cv::Size(160, 120));
  EXPECT_EQ(cv::countNonZero(source->info().roi), 160 * 120);
  EXPECT_EQ(source->info().temporal_roi, std::pair(int64_t{1}, int64_t{3}));
  const SynthScene scene(three_frames());
  EXPECT_TRUE(same_image(read_image(folder / "background.png"), scene.background()));
  for (int64_t i = 0; i < 3; ++i) {
    const auto frame = source->next();
    EXPECT_LT(cv::norm(frame->image, scene.frame(i).image, cv::NORM_L1) / (160 * 120 * 3), 4.0);
    const fs::path labels = folder / ("groundtruth/gt00000" + std::to_string(i + 1) + ".png");
    EXPECT_TRUE(same_image(read_image(labels), scene.frame(i).labels));
  }
}

TEST(GenerateSequence, WritesLosslessFramesAtQualityZero) {
  const TemporaryFolder folder;
  SynthOptions options = three_frames();
  options.quality = 0;
  generate_sequence(options, folder.string());
  EXPECT_TRUE(
      same_image(read_image(folder / "input/in000002.png"), SynthScene(options).frame(1).image));
}

TEST(GenerateSequence, ReplacesItsOwnFilesAlone) {
  const TemporaryFolder folder;
  generate_sequence(three_frames(), folder.string());
  save_text(folder / "input/notes.txt", "mine");
  SynthOptions options = three_frames();
  options.frames = 1;
  generate_sequence(options, folder.string());
  EXPECT_THAT(listing(folder / "input"), UnorderedElementsAre("in000001.jpg", "notes.txt"));
  EXPECT_THAT(listing(folder / "groundtruth"), UnorderedElementsAre("gt000001.png"));
}

TEST(GenerateSequence, RefusesAFolderThatCannotBe) {
  const TemporaryFolder folder;
  save_text(folder / "file", "");
  const auto generate = [&] { generate_sequence(three_frames(), folder / "file/sequence"); };
  EXPECT_THAT(message_of<OutputError>(generate), HasSubstr("file"));
}

double mean_of(const cv::Mat& image) {
  const cv::Scalar mean = cv::mean(image);
  return image.channels() == 1 ? mean[0] : (mean[0] + mean[1] + mean[2]) / 3.0;
}

struct GeneratedScenes : testing::Test {
  const TemporaryFolder folder;
  SynthOptions options;
  GeneratedScenes() {
    options.frames = 8;
    options.width = 96;
    options.height = 72;
  }
  fs::path scene(int i) const { return fs::path(folder.string()) / ("000" + std::to_string(i)); }
  cv::Mat frame(int i, int k) const {
    return read_image(scene(i) / ("input/in00000" + std::to_string(k) + ".jpg"));
  }
  cv::Mat labels(int i, int k) const {
    return read_image(scene(i) / ("groundtruth/gt00000" + std::to_string(k) + ".png"));
  }
};

TEST_F(GeneratedScenes, AreOfUnlikeSizesColoursAndObjects) {
  generate_scenes(options, 9, fs::path(folder.string()));
  std::set<int> widths, levels, shares, channels;
  for (int i = 1; i <= 9; ++i) {
    const auto source = open_source(scene(i).string());
    EXPECT_EQ(source->info().kind, SequenceKind::kCdnet);
    EXPECT_EQ(source->info().frames, 8);
    widths.insert(source->info().size.width);
    channels.insert(source->info().channels);
    levels.insert(static_cast<int>(mean_of(frame(i, 1))));
    double moving = 0.0;
    for (int k = 1; k <= 8; ++k) moving += cv::countNonZero(labels(i, k) == label::kMoving);
    shares.insert(static_cast<int>(moving));
  }
  EXPECT_GT(widths.size(), 2U);
  EXPECT_GE(*widths.begin(), 96);
  EXPECT_LE(*widths.rbegin(), 192);
  EXPECT_THAT(channels, testing::ElementsAre(1, 3));
  EXPECT_GT(levels.size(), 6U);
  EXPECT_GT(shares.size(), 6U);
}

// Where nothing is labelled, a frame is its background in another light; where an object is, it is not.
TEST_F(GeneratedScenes, AreLabelledWhereTheyDifferFromTheirBackground) {
  generate_scenes(options, 9, fs::path(folder.string()));
  int clear = 0, scenes = 0;
  for (int i = 1; i <= 9; ++i) {
    const cv::Mat background = read_image(scene(i) / "background.png");
    double inside = 0.0, outside = 0.0;
    int frames = 0;
    for (int k = 1; k <= 8; ++k) {
      cv::Mat difference;
      cv::absdiff(frame(i, k), background, difference);
      const cv::Mat moving = labels(i, k) == label::kMoving, still = labels(i, k) == label::kStatic;
      if (cv::countNonZero(moving) == 0) continue;
      ++frames;
      inside += cv::mean(difference, moving)[0];
      outside += cv::mean(difference, still)[0];
    }
    if (frames == 0) continue;
    ++scenes;
    clear += inside > 1.5 * outside ? 1 : 0;
  }
  EXPECT_GE(scenes, 7);
  EXPECT_GE(clear, scenes / 2);
}

TEST_F(GeneratedScenes, AreTheSameForTheSameSeedAlone) {
  generate_scenes(options, 2, fs::path(folder.string()));
  const cv::Mat first = frame(1, 8), second = frame(2, 8);
  generate_scenes(options, 1, fs::path(folder.string()));
  EXPECT_TRUE(same_image(frame(1, 8), first));
  options.seed = 2;
  generate_scenes(options, 1, fs::path(folder.string()));
  EXPECT_FALSE(same_image(frame(1, 8), first));
  EXPECT_FALSE(same_image(first, second));
  expect_error(ExitCode::kUsage, {"scenes is 0 but must be 1 to 9999"},
               [&] { generate_scenes(options, 0, fs::path(folder.string())); });
}

// data/README.md gives the command of which these are the options.
TEST(BundledSequence, IsWhatItsCommandMakes) {
  const fs::path folder = fs::path(PROXSEG_SOURCE_DIR) / "data/synthetic";
  SynthOptions options;
  options.frames = 60;
  options.width = 240;
  options.height = 180;
  options.shadows = true;
  options.waving = true;
  const SynthScene scene(options);
  const auto source = open_source(folder.string());
  ASSERT_EQ(source->info().frames, 60);
  EXPECT_TRUE(same_image(read_image(folder / "background.png"), scene.background()));
  for (int64_t i = 0; i < 60; ++i) {
    const auto frame = source->next();
    const SynthFrame made = scene.frame(i);
    const std::string name = "gt" + frame->name.substr(2) + ".png";
    ASSERT_TRUE(same_image(read_image(folder / "groundtruth" / name), made.labels)) << name;
    ASSERT_LT(cv::norm(frame->image, made.image, cv::NORM_L1) / (240 * 180 * 3), 4.0)
        << frame->name;
  }
}

}  // namespace
}  // namespace proxseg
