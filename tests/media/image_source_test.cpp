#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "proxseg/core/error.h"
#include "support/logged.h"
#include "support/sequence_files.h"

namespace proxseg {
namespace {

namespace fs = std::filesystem;
using ::testing::AllOf;
using ::testing::ElementsAre;
using ::testing::HasSubstr;

using Names = std::vector<std::string>;

TEST(Folder, GivesImagesInNaturalOrderAndNothingElse) {
  const TemporaryFolder folder;
  for (const char* name :
       {"frame10.PNG", "frame2.png", "frame1.JPG", "frame02.png", "frame3.tif"}) {
    const fs::path stored = folder / (std::string(name) + ".png");
    save(stored, color_image(9));
    fs::rename(stored, folder / name);
  }
  save(folder / ".hidden.png", color_image(1));
  save_text(folder / "notes.txt", "no frame");
  fs::create_directories(folder / "frame4.png");
  EXPECT_THAT(frame_names(folder.string()),
              ElementsAre("frame1", "frame02", "frame2", "frame3", "frame10"));
}

TEST(Folder, SaysWhatItHolds) {
  const TemporaryFolder folder;
  for (const int i : {1, 2, 7}) {
    save(folder / ("clip/in" + std::to_string(i) + ".png"), color_image(i));
  }
  const auto source = open_source((folder / "clip").string() + "/");
  EXPECT_EQ(source->info().name, "clip");
  EXPECT_EQ(source->info().path, (folder / "clip").string() + "/");
  EXPECT_EQ(source->info().kind, SequenceKind::kFolder);
  EXPECT_EQ(source->info().frames, 3);
  EXPECT_EQ(source->info().size, cv::Size(16, 12));
  EXPECT_EQ(source->info().channels, 3);
  EXPECT_TRUE(source->info().roi.empty());
  EXPECT_FALSE(source->info().temporal_roi);
  source->next();
  source->next();
  const auto last = source->next();
  ASSERT_TRUE(last);
  EXPECT_EQ(last->number, 7);
  EXPECT_EQ(last->image.at<cv::Vec3b>(0, 0), cv::Vec3b(7, 248, 100));
  EXPECT_FALSE(source->next());
  EXPECT_FALSE(source->next());
}

TEST(Folder, NumbersNamesWithoutNumberByPosition) {
  const TemporaryFolder folder;
  for (const char* name : {"a.png", "b.png", "c.png"}) save(folder / name, gray_image(1));
  SourceOptions options;
  options.range = "2:";
  const auto source = open_source(folder.string(), options);
  EXPECT_EQ(source->next()->number, 2);
  EXPECT_EQ(source->next()->number, 3);
}

TEST(Folder, OfOneImageAndOneImageItselfAreSequencesOfOneFrame) {
  const TemporaryFolder folder;
  save(folder / "only.png", gray_image(5, {1, 1}));
  EXPECT_THAT(frame_names(folder.string()), ElementsAre("only"));
  EXPECT_THAT(frame_names((folder / "only.png").string()), ElementsAre("only"));
  EXPECT_EQ(open_source((folder / "only.png").string())->info().channels, 1);
}

TEST(Glob, GivesMatchesInNaturalOrder) {
  const TemporaryFolder folder;
  for (const char* name : {"clip/a10.png", "clip/a9.png", "clip/b1.png"}) {
    save(folder / name, color_image(3));
  }
  const std::string pattern = (folder / "clip").string() + "/a*";
  EXPECT_THAT(frame_names(pattern), ElementsAre("a9", "a10"));
  EXPECT_EQ(open_source(pattern)->info().kind, SequenceKind::kGlob);
  EXPECT_EQ(open_source(pattern)->info().name, "clip");
}

TEST(Selection, TakesRangesAndStrides) {
  const TemporaryFolder folder;
  for (int i = 1; i <= 9; ++i) save(folder / (std::to_string(i) + ".png"), gray_image(i));
  struct Case {
    std::string range;
    int64_t every;
    Names names;
  };
  const std::vector<Case> cases = {
      {"", 4, {"1", "5", "9"}}, {"3:5", 1, {"3", "4", "5"}}, {"7:", 1, {"7", "8", "9"}},
      {":2", 1, {"1", "2"}},    {"2:8", 3, {"2", "5", "8"}}, {"8:100", 1, {"8", "9"}},
      {":", 100, {"1"}},        {"4:4", 1, {"4"}},
  };
  for (const Case& c : cases) {
    SourceOptions options;
    options.range = c.range;
    options.every = c.every;
    EXPECT_EQ(frame_names(folder.string(), options), c.names) << c.range << " every " << c.every;
    EXPECT_EQ(open_source(folder.string(), options)->info().frames,
              static_cast<int64_t>(c.names.size()));
  }
}

TEST(Selection, RefusesBadRanges) {
  const TemporaryFolder folder;
  for (int i = 1; i <= 3; ++i) save(folder / (std::to_string(i) + ".png"), gray_image(i));
  const std::vector<std::pair<std::string, std::string>> cases = {
      {"5", "no ':'"},
      {"3:1", "ends before it starts"},
      {"0:2", "count from 1"},
      {"a:2", "'a' is not"},
      {"1:2x", "'2x' is not"},
      {"-1:2", "no frame rate"},
      {"1s:2s", "no frame rate"},
      {"4:", "none of the 3"},
      {"roi", "no temporalROI.txt"},
      {"1:99999999999999999999", "is not"},
      {"1:2:3", "more than one ':'"},
  };
  for (const auto& [range, part] : cases) {
    SourceOptions options;
    options.range = range;
    EXPECT_THAT(message_of<InputError>([&] { open_source(folder.string(), options); }),
                AllOf(HasSubstr(part), HasSubstr(range)));
  }
}

TEST(Selection, RefusesBadOptionsTogether) {
  SourceOptions options;
  options.every = 0;
  options.scale = 1.5;
  EXPECT_THAT(message_of<UsageError>([&] { open_source("x", options); }),
              AllOf(HasSubstr("every is 0"), HasSubstr("scale is 1.5")));
}

TEST(Transform, ScalesByAreaAndRoundsTheSize) {
  const TemporaryFolder folder;
  cv::Mat stripes(7, 10, CV_8UC1, cv::Scalar(0));
  for (int x = 0; x < stripes.cols; x += 2) stripes.col(x).setTo(200);
  save(folder / "a.png", stripes);
  SourceOptions options;
  options.scale = 0.5;
  const auto source = open_source(folder.string(), options);
  EXPECT_EQ(source->info().size, cv::Size(5, 4));
  EXPECT_EQ(source->next()->image.at<uchar>(1, 1), 100);
  options.scale = 0.001;
  EXPECT_EQ(open_source(folder.string(), options)->info().size, cv::Size(1, 1));
}

TEST(Transform, GrayConvertsColourAndKeepsGrey) {
  const TemporaryFolder folder;
  save(folder / "1.png", cv::Mat(5, 3, CV_8UC3, cv::Scalar(0, 0, 255)));
  save(folder / "2.png", gray_image(50, {3, 5}));
  SourceOptions options;
  options.gray = true;
  const auto source = open_source(folder.string(), options);
  EXPECT_EQ(source->info().channels, 1);
  EXPECT_EQ(source->next()->image.at<uchar>(0, 0), 76);  // 0.299 * 255
  EXPECT_EQ(source->next()->image.at<uchar>(0, 0), 50);
}

TEST(Unequal, SizeAndChannelsAreRefusedByName) {
  const TemporaryFolder folder;
  save(folder / "size/1.png", color_image(1, {16, 12}));
  save(folder / "size/2.png", color_image(1, {17, 12}));
  save(folder / "depth/1.png", color_image(1));
  save(folder / "depth/2.png", gray_image(1));
  for (const OnError on_error : {OnError::kRefuse, OnError::kSkip}) {
    SourceOptions options;
    options.on_error = on_error;
    EXPECT_THAT(message_of<InputError>([&] { frame_names((folder / "size").string(), options); }),
                AllOf(HasSubstr("2.png"), HasSubstr("17 x 12"), HasSubstr("16 x 12")));
    EXPECT_THAT(message_of<InputError>([&] { frame_names((folder / "depth").string(), options); }),
                AllOf(HasSubstr("2.png"), HasSubstr("grey"), HasSubstr("colour")));
  }
}

TEST(Unreadable, IsRefusedOrSkipped) {
  const TemporaryFolder folder;
  for (int i = 1; i <= 4; ++i) save(folder / (std::to_string(i) + ".jpg"), noise_image(i));
  truncate(folder / "1.jpg", 0.6);
  truncate(folder / "3.jpg", 0.9);
  EXPECT_THAT(message_of<InputError>([&] { open_source(folder.string()); }),
              AllOf(HasSubstr("1.jpg"), HasSubstr("truncated")));
  SourceOptions options;
  options.on_error = OnError::kSkip;
  const auto source = open_source(folder.string(), options);
  EXPECT_EQ(source->info().frames, 4);
  EXPECT_THAT(names_of(*source), ElementsAre("2", "4"));
  EXPECT_THAT(source->skipped(), ElementsAre("1", "3"));
}

TEST(Unreadable, IsSaidOnceForEachFrameHoweverOftenItIsRead) {
  const TemporaryFolder folder;
  for (const char* name : {"1.png", "2.png", "3.png"}) save(folder / name, noise_image(1));
  save_text(folder / "2.png", "no image");
  const auto read = [&](OnError on_error) { frame_names(folder.string(), {.on_error = on_error}); };
  EXPECT_EQ(logged([&] { read(OnError::kSkipSilently); }), "");
  const std::string said = logged([&] { read(OnError::kSkip), read(OnError::kSkip); });
  EXPECT_THAT(said, HasSubstr("frame skipped: cannot read '" + (folder / "2.png").string()));
  EXPECT_EQ(said.find("2.png"), said.rfind("2.png"));
}

// Though several threads decode them.
TEST(Unreadable, EndsFramesThatComeInOrderEachWithItsOwnPixels) {
  const TemporaryFolder folder;
  for (int i = 1; i <= 40; ++i) {
    const bool is_slow = i % 3 == 0;
    save(folder / fmt::format("{}.{}", i, is_slow ? "png" : "bmp"), gray_image(i, {640, 480}));
  }
  save_text(folder / "35.bmp", "no image");
  const auto source = open_source(folder.string(), {.every = 2});
  for (int i = 1; i < 35; i += 2) {
    const auto frame = source->next();
    ASSERT_TRUE(frame);
    EXPECT_EQ(frame->number, i);
    EXPECT_EQ(frame->image.at<uchar>(479, 639), i);
  }
  EXPECT_THAT(message_of<InputError>([&] { source->next(); }), HasSubstr("35.bmp"));
}

TEST(Unreadable, EveryFrameIsAnErrorEvenIfSkipped) {
  const TemporaryFolder folder;
  save_text(folder / "1.png", "not an image");
  save_text(folder / "2.png", "");
  SourceOptions options;
  options.on_error = OnError::kSkip;
  EXPECT_THAT(message_of<InputError>([&] { open_source(folder.string(), options); }),
              HasSubstr("none of the 2 frames"));
}

TEST(Selection, LooksForEqualNamesAmongTheChosenFramesOnly) {
  const TemporaryFolder folder;
  for (const char* name : {"1.jpg", "1.png", "2.png"}) save(folder / name, gray_image(1));
  EXPECT_THAT(frame_names(folder.string(), {.range = "2:"}), ElementsAre("1", "2"));
  EXPECT_THAT(message_of<InputError>([&] { frame_names(folder.string(), {.range = ":2"}); }),
              HasSubstr("same name"));
}

TEST(Refused, PathsThatAreNoSequence) {
  const TemporaryFolder folder;
  fs::create_directories(folder / "empty");
  fs::create_directories(folder / "empty-cdnet/input");
  save(folder / "many/a/1.png", gray_image(1));
  save(folder / "many/b/1.png", gray_image(1));
  save(folder / "twins/1.png", gray_image(1));
  save(folder / "twins/1.jpg", gray_image(1));
  const std::vector<std::pair<std::string, std::string>> cases = {
      {"empty", "no image and no video in the folder"},
      {"empty-cdnet", "no image and no video in the folder"},
      {"missing", "No such file"},
      {"many", "no sequence itself but holds 2: a, b"},
      {"many/*.png", "no image matches"},
      {"twins", "same name"},
  };
  for (const auto& [name, part] : cases) {
    EXPECT_THAT(message_of<InputError>([path = folder / name] { open_source(path.string()); }),
                AllOf(HasSubstr(part), HasSubstr(name)));
  }
  EXPECT_THROW(open_source(""), InputError);
}

}  // namespace
}  // namespace proxseg
