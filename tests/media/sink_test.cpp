#include "proxseg/media/sink.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <opencv2/imgcodecs.hpp>
#include <opencv2/imgproc.hpp>

#include "proxseg/core/error.h"
#include "proxseg/media/image_file.h"
#include "proxseg/media/preview.h"
#include "support/sequence_files.h"

namespace proxseg {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

bool same(const cv::Mat& a, const cv::Mat& b) {
  return a.type() == b.type() && a.size() == b.size() && cv::norm(a, b, cv::NORM_INF) == 0.0;
}

TEST(WritePng, IsLosslessAndMakesFolders) {
  const TemporaryFolder folder;
  const cv::Mat image = noise_image(1, {13, 7});
  write_png(folder / "a/b/image.png", image);
  EXPECT_TRUE(same(read_image(folder / "a/b/image.png"), image));
  EXPECT_THAT(listing(folder / "a/b"), ElementsAre("image.png"));
}

TEST(WritePng, LeavesAFileThatSaysWhoMadeIt) {
  const TemporaryFolder folder;
  write_png(folder / "own.png", gray_image(1));
  save(folder / "other.png", gray_image(1));
  save_text(folder / "short.png", "short");
  EXPECT_TRUE(is_own_png(folder / "own.png"));
  for (const char* other : {"other.png", "short.png", "missing.png"}) {
    EXPECT_FALSE(is_own_png(folder / other)) << other;
  }
  save(folder / "own.png", read_image(folder / "own.png"));
  EXPECT_FALSE(is_own_png(folder / "own.png"));
}

// A mask of a few shapes, or of noise.
cv::Mat mask_of(cv::Size size, bool noisy) {
  cv::Mat mask = cv::Mat::zeros(size, CV_8U);
  if (noisy) return noise_image(1, size) >= 128;
  cv::circle(mask, {size.width / 3, size.height / 2}, size.height / 3, 255, -1);
  cv::line(mask, {0, 0}, {size.width, size.height}, 255, 3);
  return mask;
}

TEST(WritePng, MasksAreOrdinaryGreyImages) {
  const TemporaryFolder folder;
  std::vector<cv::Mat> masks = {cv::Mat::zeros(240, 320, CV_8U),
                                cv::Mat(240, 320, CV_8U, cv::Scalar(255)),
                                cv::Mat(1, 1, CV_8U, cv::Scalar(255))};
  for (const cv::Size size : {cv::Size(1, 300), {300, 1}, {257, 5}, {259, 261}, {1280, 720}}) {
    masks.push_back(mask_of(size, /*noisy=*/false));
    masks.push_back(mask_of(size, /*noisy=*/true));
    masks.push_back(masks.back()(cv::Rect(0, 0, (size.width + 1) / 2, size.height)));
  }
  for (const cv::Mat& mask : masks) {
    write_png(folder / "mask.png", mask);
    const cv::Mat read = cv::imread((folder / "mask.png").string(), cv::IMREAD_UNCHANGED);
    EXPECT_TRUE(same(read, mask)) << mask.size();
    EXPECT_TRUE(is_own_png(folder / "mask.png"));
  }
}

TEST(WritePng, MasksOfShapesTakeLittleSpace) {
  const TemporaryFolder folder;
  const cv::Mat mask = mask_of({1920, 1080}, /*noisy=*/false);
  write_png(folder / "mask.png", mask);
  std::vector<uchar> bytes;
  cv::imencode(".png", mask, bytes);
  EXPECT_LT(std::filesystem::file_size(folder / "mask.png"), bytes.size() * 5 / 4);
}

TEST(WritePng, LeavesAFileThatIsWhole) {
  const TemporaryFolder folder;
  write_png(folder / "mask.png", mask_of({64, 48}, false));
  write_png(folder / "image.png", noise_image(1, {13, 7}));
  save(folder / "other.png", gray_image(1));
  for (const char* name : {"mask.png", "image.png", "other.png"}) {
    EXPECT_TRUE(is_whole_png(folder / name)) << name;
    truncate(folder / name, 0.9);
    EXPECT_FALSE(is_whole_png(folder / name)) << name;
  }
  save_text(folder / "empty.png", "");
  EXPECT_FALSE(is_whole_png(folder / "empty.png"));
  EXPECT_FALSE(is_whole_png(folder / "missing.png"));
}

TEST(WritePng, RefusesUnwritablePathsAndUnknownFormats) {
  const TemporaryFolder folder;
  save_text(folder / "file", "");
  EXPECT_THAT(message_of<OutputError>([&] { write_png(folder / "file/x.png", gray_image(1)); }),
              HasSubstr("file"));
  EXPECT_THAT(message_of<OutputError>([&] { write_image(folder / "x.xyz", gray_image(1)); }),
              HasSubstr("x.xyz"));
  EXPECT_THAT(message_of<OutputError>([&] { write_png(folder / "x.png", cv::Mat()); }),
              HasSubstr("x.png"));
  EXPECT_THAT(listing(folder.string()), ElementsAre("file"));
}

TEST(FrameFileQueueTest, WritesEverythingWithACopyOfEachImage) {
  const TemporaryFolder folder;
  FrameFileQueue queue(2);
  cv::Mat image = gray_image(0);
  for (int i = 0; i < 40; ++i) {
    image.setTo(i);
    queue.push(folder / (std::to_string(i) + ".png"), image);
  }
  queue.finish();
  for (int i = 0; i < 40; ++i) {
    EXPECT_TRUE(same(read_image(folder / (std::to_string(i) + ".png")), gray_image(i)));
  }
  EXPECT_THROW(queue.push(folder / "late.png", image), std::logic_error);
}

TEST(FrameFileQueueTest, FinishesWhenDestroyed) {
  const TemporaryFolder folder;
  {
    FrameFileQueue queue;
    for (int i = 0; i < 10; ++i) queue.push(folder / (std::to_string(i) + ".png"), gray_image(i));
  }
  EXPECT_EQ(listing(folder.string()).size(), 10u);
}

TEST(FrameFileQueueTest, ThrowsTheFirstErrorAndWritesNoMore) {
  const TemporaryFolder folder;
  save_text(folder / "file", "");
  FrameFileQueue queue(1);
  const auto push_until_it_throws = [&] {
    queue.push(folder / "file/first.png", gray_image(1));
    while (true) queue.push(folder / "file/second.png", gray_image(1));
  };
  EXPECT_THAT(message_of<OutputError>(push_until_it_throws), HasSubstr("file"));
  EXPECT_THROW(queue.push(folder / "later.png", gray_image(1)), OutputError);
  EXPECT_THROW(queue.finish(), OutputError);
  EXPECT_THAT(listing(folder.string()), ElementsAre("file"));
  EXPECT_THROW(FrameFileQueue(0), UsageError);
}

TEST(Overlay, ReddensTheMaskAloneAndKeepsTheFrame) {
  const cv::Mat frame = gray_image(100, {20, 20});
  cv::Mat mask = gray_image(0, {20, 20});
  cv::rectangle(mask, {5, 5}, {14, 14}, cv::Scalar(255), cv::FILLED);
  const cv::Mat overlay = draw_overlay(frame, mask);
  ASSERT_EQ(overlay.type(), CV_8UC3);
  EXPECT_EQ(overlay.at<cv::Vec3b>(2, 2), cv::Vec3b(100, 100, 100));
  const auto& inside = overlay.at<cv::Vec3b>(10, 10);
  const auto& border = overlay.at<cv::Vec3b>(5, 10);
  EXPECT_GT(inside[2], 130);
  EXPECT_LT(inside[0], 100);
  EXPECT_GT(border[2], inside[2]);
  EXPECT_EQ(cv::countNonZero(frame != 100), 0);
  EXPECT_THROW(draw_overlay(frame, gray_image(1, {20, 19})), std::invalid_argument);
  EXPECT_THROW(draw_overlay(cv::Mat(4, 4, CV_32F), gray_image(1, {4, 4})), std::invalid_argument);
}

TEST(PreviewSheet, PlacesFourTilesARow) {
  const cv::Size size(40, 30);
  PreviewRow row{"in000001", color_image(10, size), color_image(200, size), gray_image(77, size),
                 gray_image(0, size)};
  const cv::Mat one = preview_sheet({row});
  EXPECT_EQ(one.cols, 4 + 4 * (160 + 4));
  const int middle = 20 + 20 + 60;
  EXPECT_EQ(one.at<cv::Vec3b>(middle, 4 + 80), cv::Vec3b(10, 245, 100));
  EXPECT_EQ(one.at<cv::Vec3b>(middle, 4 + 164 + 80), cv::Vec3b(200, 55, 100));
  EXPECT_EQ(one.at<cv::Vec3b>(middle, 4 + 2 * 164 + 80), cv::Vec3b(77, 77, 77));
  EXPECT_EQ(one.at<cv::Vec3b>(middle, 4 + 3 * 164 + 80), cv::Vec3b(10, 245, 100));
  row.background = cv::Mat();
  EXPECT_GT(preview_sheet({row, row}).rows, one.rows);
}

TEST(PreviewSheet, BoundsItsTilesAndRefusesNothingToShow) {
  const PreviewRow wide{"x", color_image(1, {2000, 100}), {}, {}, {}};
  EXPECT_EQ(preview_sheet({wide}).cols, 4 + 4 * (320 + 4));
  const PreviewRow tall = {"a", gray_image(9, {2, 30000}), {}, {}, {}};
  EXPECT_LT(preview_sheet({tall, tall, tall, tall, tall, tall}).rows, 65500);  // of JPEG
  EXPECT_EQ(preview_sheet({tall}).cols, 4 + 4 * (160 + 4));
  EXPECT_THROW(preview_sheet({}), std::invalid_argument);
  EXPECT_THROW(preview_sheet({PreviewRow{}}), std::invalid_argument);
}

}  // namespace
}  // namespace proxseg
