#include "proxseg/tools/synth.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <opencv2/imgcodecs.hpp>

#include "proxseg/core/error.h"
#include "proxseg/media/image_file.h"
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
  EXPECT_THAT(listing(folder.string()), UnorderedElementsAre("input", "groundtruth", "ROI.bmp",
                                                             "temporalROI.txt", "background.png"));
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
