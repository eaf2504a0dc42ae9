#include "proxseg/media/levels.h"

#include <gmock/gmock.h>

#include <cmath>
#include <limits>

#include "proxseg/core/error.h"
#include "support/expect_error.h"
#include "support/logged.h"
#include "support/sequence_files.h"

namespace proxseg {
namespace {

TEST(Levels, AreWrittenAsTheyAreRead) {
  EXPECT_EQ(to_string(Levels{312, 4021}), "312:4021");
  const auto levels = parse_levels("-0.25:1e3");
  ASSERT_TRUE(levels.has_value());
  EXPECT_EQ(levels->low, -0.25);
  EXPECT_EQ(levels->high, 1000.0);
  const Levels odd = {1.0 / 3.0, 2.0 / 3.0};
  EXPECT_EQ(parse_levels(to_string(odd))->low, odd.low);
  for (const char* text : {"", "5", "5:", ":5", "5:5", "6:5", "a:b", "1:2:3"}) {
    EXPECT_FALSE(parse_levels(text).has_value()) << text;
  }
}

TEST(Levels, BecomeBlackAndWhite) {
  cv::Mat image(1, 5, CV_32FC1);
  const float values[] = {-1.0F, 2.0F, 4.5F, 7.0F, std::nanf("")};
  for (int i = 0; i < 5; ++i) image.at<float>(i) = values[i];
  const cv::Mat result = to_8_bits(image, {2.0, 7.0});
  EXPECT_EQ(cv::Mat(result == cv::Mat(cv::Matx<uchar, 1, 5>(0, 0, 128, 255, 0)))
                .dot(cv::Mat::ones(1, 5, CV_8U)),
            5 * 255);
  EXPECT_TRUE(std::isnan(image.at<float>(4)));  // the input is left as it is
}

// 12 bits in 16: a background around 1000, noise, a small bright object, broken pixels.
std::vector<cv::Mat> twelve_bits(int count) {
  std::vector<cv::Mat> frames;
  cv::RNG random(3);
  for (int i = 0; i < count; ++i) {
    cv::Mat frame(120, 160, CV_16UC1);
    random.fill(frame, cv::RNG::NORMAL, 1000.0, 20.0);
    frame(cv::Rect(5 + i, 40, 6, 6)) = 1800;
    frame.at<ushort>(0, 0) = 65535;
    frames.push_back(frame);
  }
  return frames;
}

TEST(Levels, HoldObjectsAndLeaveBrokenPixelsOut) {
  MemorySource frames(twelve_bits(60));
  const Levels levels = choose_levels(frames);
  EXPECT_LT(levels.low, 950.0);
  EXPECT_GT(levels.low, 700.0);
  EXPECT_GE(levels.high, 1800.0);
  EXPECT_LT(levels.high, 2200.0);
}

TEST(Levels, IgnoreWhatIsNoNumber) {
  cv::Mat frame(20, 20, CV_32FC1, cv::Scalar(0.5));
  frame.at<float>(3, 3) = std::numeric_limits<float>::infinity();
  frame.at<float>(4, 4) = std::nanf("");
  frame.at<float>(5, 5) = 0.75F;
  MemorySource frames(std::vector{frame});
  const Levels levels = choose_levels(frames);
  EXPECT_EQ(levels.low, 0.5);
  EXPECT_EQ(levels.high, 0.75);
  frame = std::nanf("");
  MemorySource empty(std::vector{frame});
  expect_error(ExitCode::kInput, {"none of its values is a number"}, [&] { choose_levels(empty); });
}

TEST(Levels, OfOneValueAreNotEmpty) {
  MemorySource frames(std::vector{cv::Mat(4, 4, CV_16UC1, cv::Scalar(7))});
  const Levels levels = choose_levels(frames);
  EXPECT_EQ(levels.low, 7.0);
  EXPECT_EQ(levels.high, 8.0);
}

// The whole clip decides, whichever part is read of it; the option decides against it.
TEST(Levels, AreThoseOfTheWholeSequence) {
  const TemporaryFolder folder;
  for (int i = 1; i <= 9; ++i) {
    save(folder / ("f" + std::to_string(i) + ".png"),
         cv::Mat(12, 16, CV_16UC1, cv::Scalar(1000 * i)));
  }
  const auto part = open_source(folder.string(), {.range = "1:2"});
  EXPECT_EQ(part->info().levels->high, 9000.0);
  EXPECT_EQ(part->next()->image.at<uchar>(0, 0), 0);
  const auto given = open_source(folder.string(), {.levels = "0:2000"});
  EXPECT_EQ(given->info().levels->high, 2000.0);
  EXPECT_NEAR(given->next()->image.at<uchar>(0, 0), 128, 1);
}

TEST(Levels, OfSeveralSequencesHoldThoseOfEach) {
  const TemporaryFolder folder;
  const auto write = [&](const std::string& name, int low, int high) {
    cv::Mat image(12, 16, CV_16UC1, cv::Scalar(low));
    image(cv::Rect(0, 0, 8, 12)) = high;
    save(folder / name / "f1.png", image);
    return (folder / name).string();
  };
  const std::vector<std::string> both = {write("a", 1000, 2000), write("b", 1500, 4000)};
  save(folder / "c/f1.png", gray_image(3));
  const std::string narrow = (folder / "c").string();
  const auto levels = choose_levels({both[0], narrow, both[1]}, {});
  ASSERT_TRUE(levels.has_value());
  EXPECT_EQ(levels->low, 1000.0);
  EXPECT_EQ(levels->high, 4000.0);
  EXPECT_FALSE(choose_levels({narrow}, {}).has_value());
}

TEST(Levels, AreDoubtedWhereMostOfAFrameLiesOutside) {
  const TemporaryFolder folder;
  save(folder / "f1.png", cv::Mat(12, 16, CV_16UC1, cv::Scalar(900)));
  const auto warnings_with = [&](const std::string& levels) {
    return logged([&] { frame_names(folder.string(), {.levels = levels}); });
  };
  EXPECT_THAT(warnings_with("1000:2000"), testing::HasSubstr("100 % of the first frame"));
  EXPECT_EQ(warnings_with("0:2000"), "");
  EXPECT_EQ(warnings_with(""), "");
}

TEST(Levels, FramesOfOtherBitsAreRefused) {
  const TemporaryFolder folder;
  save(folder / "f1.png", cv::Mat(12, 16, CV_16UC1, cv::Scalar(900)));
  save(folder / "f2.png", gray_image(3));
  expect_error(ExitCode::kInput, {"f2.png", "has 8 bits"}, [&] { frame_names(folder.string()); });
  save(folder / "f0.png", gray_image(3));
  expect_error(ExitCode::kInput, {"f1.png", "16 bits"}, [&] { frame_names(folder.string()); });
}

}  // namespace
}  // namespace proxseg
