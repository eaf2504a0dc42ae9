#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "proxseg/core/error.h"
#include "support/sequence_files.h"

namespace proxseg {
namespace {

using ::testing::AllOf;
using ::testing::ElementsAre;
using ::testing::HasSubstr;

// Frames 0 to 4 beside files that are no frames.
void save_sequence(const TemporaryFolder& folder) {
  for (int i = 0; i < 5; ++i) {
    save(folder / ("input/in00000" + std::to_string(i) + ".png"), color_image(i));
  }
  save(folder / "ROI.jpg", gray_image(255));
  save(folder / "groundtruth/gt000000.png", gray_image(0));
}

TEST(Cdnet, ReadsInputWithItsRegions) {
  const TemporaryFolder folder;
  save_sequence(folder);
  cv::Mat roi(12, 16, CV_8UC3, cv::Scalar::all(200));
  roi.colRange(0, 8).setTo(cv::Scalar::all(127));
  save(folder / "ROI.bmp", roi);
  save_text(folder / "temporalROI.txt", "1 3");
  const auto source = open_source(folder.string());
  const SequenceInfo& info = source->info();
  EXPECT_EQ(info.kind, SequenceKind::kCdnet);
  EXPECT_EQ(info.frames, 5);
  ASSERT_EQ(info.roi.type(), CV_8UC1);
  EXPECT_EQ(cv::countNonZero(info.roi.colRange(0, 8)), 0);
  EXPECT_EQ(cv::countNonZero(info.roi.colRange(8, 16) == 255), 8 * 12);
  EXPECT_EQ(info.temporal_roi, std::pair(int64_t{1}, int64_t{3}));
}

TEST(Cdnet, FitsARoiOfAnotherSizeToTheFrames) {
  const TemporaryFolder folder;
  save_sequence(folder);
  cv::Mat roi(24, 40, CV_8UC1, cv::Scalar(0));
  roi.colRange(20, 40).setTo(255);
  save(folder / "ROI.bmp", roi);
  SourceOptions options;
  for (const double scale : {1.0, 0.5}) {
    options.scale = scale;
    const auto source = open_source(folder.string(), options);
    const cv::Mat& fitted = source->info().roi;
    ASSERT_EQ(fitted.size(), source->info().size);
    EXPECT_EQ(cv::countNonZero(fitted), static_cast<int>(fitted.total() / 2));
    EXPECT_EQ(cv::countNonZero(fitted.colRange(fitted.cols / 2, fitted.cols)),
              static_cast<int>(fitted.total() / 2));
  }
}

TEST(Cdnet, RangeRoiGoesByFrameNumbers) {
  const TemporaryFolder folder;
  save_sequence(folder);
  for (const char* text : {"1 3", "1 3 17 extra\n", " 1\n3\n",
                           "\xEF\xBB\xBF"
                           "1 3"}) {
    save_text(folder / "temporalROI.txt", text);
    SourceOptions options;
    options.range = "roi";
    EXPECT_THAT(frame_names(folder.string(), options),
                ElementsAre("in000001", "in000002", "in000003"));
    options.every = 2;
    EXPECT_THAT(frame_names(folder.string(), options), ElementsAre("in000001", "in000003"));
  }
}

TEST(Cdnet, RefusesABrokenTemporalRoi) {
  const TemporaryFolder folder;
  save_sequence(folder);
  for (const char* text : {"", "470", "one two", "9 3", "-4 3"}) {
    save_text(folder / "temporalROI.txt", text);
    EXPECT_THAT(message_of<InputError>([&] { open_source(folder.string()); }),
                AllOf(HasSubstr("temporalROI.txt"), HasSubstr(text)));
  }
}

TEST(Cdnet, RefusesABrokenRoi) {
  const TemporaryFolder folder;
  save_sequence(folder);
  save_text(folder / "ROI.bmp", "no bitmap");
  EXPECT_THAT(message_of<InputError>([&] { open_source(folder.string()); }), HasSubstr("ROI.bmp"));
}

}  // namespace
}  // namespace proxseg
