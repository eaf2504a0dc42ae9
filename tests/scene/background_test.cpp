#include "proxseg/scene/background.h"

#include <algorithm>
#include <opencv2/imgcodecs.hpp>

#include "support/expect_error.h"
#include "support/memory_source.h"
#include "support/temporary_folder.h"

namespace proxseg {
namespace {

std::vector<cv::Mat> noise(size_t count, int type) {
  cv::RNG random(3);
  std::vector<cv::Mat> images;
  for (size_t i = 0; i < count; ++i) {
    images.emplace_back(13, 17, type);
    random.fill(images.back(), cv::RNG::UNIFORM, 0, 256);
  }
  return images;
}

uchar byte_at(const cv::Mat& image, int y, int x, int c) {
  return image.ptr(y)[x * image.channels() + c];
}

TEST(TemporalMedian, IsTheMiddleOfTheSortedValues) {
  for (const int type : {CV_8UC1, CV_8UC3}) {
    for (const size_t count : {1U, 2U, 5U, 8U}) {
      const auto images = noise(count, type);
      const cv::Mat median = temporal_median(images);
      ASSERT_EQ(median.type(), type);
      for (const auto& [y, x] : {std::pair{0, 0}, {12, 16}, {5, 9}}) {
        for (int c = 0; c < median.channels(); ++c) {
          std::vector<uchar> values;
          for (const auto& image : images) values.push_back(byte_at(image, y, x, c));
          std::sort(values.begin(), values.end());
          EXPECT_EQ(byte_at(median, y, x, c), values[count / 2]);
        }
      }
    }
  }
}

TEST(TemporalMedian, IgnoresAnObjectThatPasses) {
  std::vector<cv::Mat> images(9);
  for (int i = 0; i < 9; ++i) {
    images[static_cast<size_t>(i)] = cv::Mat(8, 90, CV_8UC1, cv::Scalar(100));
    images[static_cast<size_t>(i)].colRange(i * 10, i * 10 + 20 > 90 ? 90 : i * 10 + 20) = 255;
  }
  EXPECT_EQ(cv::countNonZero(temporal_median(images) != 100), 0);
}

TEST(TemporalMedian, RefusesUnequalImages) {
  expect_error(ExitCode::kUsage, {"at least one"}, [] { temporal_median({}); });
  const cv::Mat a(4, 4, CV_8UC1), b(4, 5, CV_8UC1), c(4, 4, CV_8UC3), d(4, 4, CV_32FC1);
  for (const cv::Mat& other : {b, c, d}) {
    expect_error(ExitCode::kUsage, {"of one size and type"}, [&] { temporal_median({a, other}); });
  }
}

TEST(ReferenceBackground, MedianReadsTheWholeClipFirstOnlyItsStart) {
  std::vector<cv::Mat> images;
  for (int i = 0; i < 40; ++i) images.emplace_back(4, 6, CV_8UC1, cv::Scalar(i < 10 ? 50 : 200));
  ImageListSource whole(images), start(images);
  BackgroundOptions options;
  options.frames = 8;
  EXPECT_EQ(reference_background(whole, options).at<uchar>(0, 0), 200);
  options.method = BackgroundMethod::kFirst;
  EXPECT_EQ(reference_background(start, options).at<uchar>(0, 0), 50);
  EXPECT_EQ(start.given(), 8U);
}

TEST(ReferenceBackground, FileMustFitTheFrames) {
  const TemporaryFolder folder;
  BackgroundOptions options;
  options.method = BackgroundMethod::kFile;
  options.file = (folder / "background.png").string();
  ImageListSource source(std::vector<cv::Mat>{cv::Mat(4, 6, CV_8UC1, cv::Scalar(7))});
  expect_error(ExitCode::kInput, {"cannot read", options.file},
               [&] { reference_background(source, options); });
  cv::imwrite(options.file, cv::Mat(4, 5, CV_8UC3, cv::Scalar::all(9)));
  expect_error(ExitCode::kInput, {options.file, "5 x 4", "6 x 4"},
               [&] { reference_background(source, options); });
  cv::imwrite(options.file, cv::Mat(4, 6, CV_8UC3, cv::Scalar::all(9)));
  const cv::Mat background = reference_background(source, options);
  EXPECT_EQ(background.type(), CV_8UC1);
  EXPECT_EQ(background.at<uchar>(3, 5), 9);
}

TEST(ReferenceBackground, NeedsAFrame) {
  ImageListSource nothing(std::vector<cv::Mat>{});
  expect_error(ExitCode::kInput, {"'images' has no readable frame"},
               [&] { reference_background(nothing, {}); });
}

}  // namespace
}  // namespace proxseg
