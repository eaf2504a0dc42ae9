#include "proxseg/media/inspect.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <map>
#include <nlohmann/json.hpp>

#include "proxseg/core/error.h"
#include "proxseg/media/sink.h"
#include "support/sequence_files.h"

namespace proxseg {
namespace {

using ::testing::AllOf;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::Pair;

TEST(Inspect, FindsEverythingWrongInOneReading) {
  const TemporaryFolder folder;
  for (const int i : {1, 2, 3, 6, 7, 9}) {
    save(folder / ("input/in" + std::to_string(i) + ".jpg"), noise_image(i));
  }
  truncate(folder / "input/in2.jpg", 0.5);
  save(folder / "input/in7.jpg", noise_image(7, {32, 32}));
  cv::Mat roi(48, 64, CV_8UC1, cv::Scalar(0));
  roi.rowRange(0, 12).setTo(255);
  save(folder / "ROI.bmp", roi);
  save_text(folder / "temporalROI.txt", "2 9\n");

  const SequenceReport report = inspect_sequence(folder.string());
  EXPECT_EQ(report.kind, SequenceKind::kCdnet);
  EXPECT_EQ(report.frames, 6);
  EXPECT_EQ(report.readable, 4);
  EXPECT_EQ(report.size, cv::Size(64, 48));
  EXPECT_EQ(report.channels, 3);
  EXPECT_FALSE(report.intact());
  EXPECT_THAT(report.gaps, ElementsAre(Pair(4, 5), Pair(8, 8)));
  ASSERT_EQ(report.problems.size(), 2u);
  EXPECT_EQ(report.problems[0].frame, "in2.jpg");
  EXPECT_THAT(report.problems[0].reason, HasSubstr("truncated"));
  EXPECT_EQ(report.problems[1].frame, "in7.jpg");
  EXPECT_THAT(report.problems[1].reason, HasSubstr("32 x 32"));
  EXPECT_EQ(report.temporal_roi, std::pair(int64_t{2}, int64_t{9}));
  EXPECT_DOUBLE_EQ(report.roi_coverage.value(), 0.25);

  EXPECT_THAT(to_text(report), AllOf(HasSubstr("6, 4 readable"), HasSubstr("4-5, 8"),
                                     HasSubstr("in2.jpg"), HasSubstr("25.0 %")));
  const nlohmann::json json = to_json(report);
  EXPECT_EQ(json["problems"][1]["frame"], "in7.jpg");
  EXPECT_EQ(json["gaps"], nlohmann::json::parse("[[4,5],[8,8]]"));
  EXPECT_EQ(json["roi_coverage"], 0.25);
  EXPECT_EQ(json["intact"], false);
  EXPECT_EQ(json["sound"], false);
  EXPECT_EQ(json["accepted"], false);
}

TEST(Inspect, ReportsASoundFolderAndAVideo) {
  const TemporaryFolder folder;
  for (const char* name : {"a.png", "b.png"}) save(folder / "clip" / name, gray_image(1));
  const SequenceReport images = inspect_sequence((folder / "clip").string());
  EXPECT_TRUE(images.intact());
  EXPECT_EQ(images.channels, 1);
  EXPECT_EQ(to_json(images)["temporal_roi"], nullptr);
  EXPECT_EQ(to_json(images)["constant_rate"], nullptr);
  VideoWriter writer(folder / "clip.mp4", {64, 48}, 25.0);
  for (int i = 0; i < 5; ++i) writer.write(gray_image(9, {64, 48}));
  writer.close();
  const SequenceReport video = inspect_sequence((folder / "clip.mp4").string());
  EXPECT_TRUE(video.intact());
  EXPECT_EQ(video.readable, 5);
  EXPECT_EQ(to_string(video.kind), "video");
  const nlohmann::json json = to_json(video);
  EXPECT_EQ(json["fps"], 25.0);
  EXPECT_EQ(json["constant_rate"], true);
  EXPECT_NEAR(json["seconds"].get<double>(), 0.2, 1e-6);
  EXPECT_EQ(json["accepted"], true);
  EXPECT_NE(json["codec"], "");
}

// Such as GIFs have: the last frame may be shown for longer than the others.
TEST(Inspect, CountsTheLastFramesOwnTime) {
  const TemporaryFolder folder;
  VideoWriter writer(folder / "uneven.mp4", {64, 48}, 10.0);
  for (const double start : {3.0, 3.04, 3.2}) writer.write(gray_image(9, {64, 48}), start);
  writer.close(3.7);
  const SequenceReport report = inspect_sequence((folder / "uneven.mp4").string());
  EXPECT_NEAR(report.seconds, 0.7, 0.002);
  EXPECT_THAT(report.notes, testing::ElementsAre(HasSubstr("unevenly")));
  EXPECT_EQ(to_json(report)["constant_rate"], false);
}

TEST(Inspect, SaysBitsAndValuesOfEightBitsToo) {
  const TemporaryFolder folder;
  for (int i = 1; i <= 3; ++i) save(folder / (std::to_string(i) + ".png"), gray_image(20 * i));
  const SequenceReport report = inspect_sequence(folder.string());
  EXPECT_EQ(report.values, (std::pair{20.0, 60.0}));
  EXPECT_FALSE(report.levels.has_value());
  EXPECT_THAT(to_text(report), HasSubstr("16 x 12, grey, 8 bits"));
  EXPECT_THAT(to_text(report), HasSubstr("20 to 60\n"));
}

TEST(Inspect, KnowsWhatRunRefuses) {
  const TemporaryFolder folder;
  save(folder / "twins/a.png", gray_image(1));
  save(folder / "twins/a.jpg", gray_image(1));
  save(folder / "link/1.png", gray_image(1));
  std::filesystem::create_symlink("nowhere.png", folder / "link/2.png");
  const std::map<std::string, std::string> reasons = {{"twins", "but for folder and extension"},
                                                      {"link", "is a link to 'nowhere.png'"}};
  for (const auto& [name, reason] : reasons) {
    const std::string path = (folder / name).string();
    EXPECT_THAT(message_of<InputError>([&] { frame_names(path); }), HasSubstr(reason));
    const SequenceReport report = inspect_sequence(path);
    ASSERT_NE(report.refusal(), nullptr) << name;
    EXPECT_THAT(report.refusal()->reason, HasSubstr(reason));
    EXPECT_FALSE(report.intact());
  }
}

TEST(Inspect, AReportWithoutFramesSaysWhyAlone) {
  SequenceReport report;
  report.path = "clips/broken.mp4";
  report.problems.push_back({"", "not a video"});
  EXPECT_EQ(to_text(report), "clips/broken.mp4\n  problem       not a video\n");
  const nlohmann::json json = to_json(report);
  EXPECT_EQ(json["kind"], nullptr);
  EXPECT_EQ(json["intact"], false);
  EXPECT_EQ(json["accepted"], false);
}

TEST(Inspect, RefusesASequenceWithoutAReadableFrame) {
  const TemporaryFolder folder;
  save_text(folder / "1.png", "x");
  save_text(folder / "2.png", "x");
  EXPECT_THAT(message_of<InputError>([&] { inspect_sequence(folder.string()); }),
              AllOf(HasSubstr("none of the 2"), HasSubstr("1.png")));
  EXPECT_THROW(inspect_sequence((folder / "missing").string()), InputError);
}

}  // namespace
}  // namespace proxseg
