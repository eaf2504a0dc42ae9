#include "proxseg/scene/mask.h"

#include "support/expect_error.h"

namespace proxseg {
namespace {

MaskOptions plain() {
  MaskOptions options;
  options.median = 1;
  options.min_area = 0;
  options.fill_holes = 0;
  return options;
}

cv::Mat with_squares() {
  cv::Mat soft = cv::Mat::zeros(40, 40, CV_32FC1);
  soft(cv::Rect(5, 5, 12, 12)) = 0.9F;  // an object ...
  soft(cv::Rect(10, 10, 2, 2)) = 0.1F;  // ... with a hole of 4 pixels
  soft(cv::Rect(30, 30, 3, 3)) = 0.6F;  // a speck of 9
  return soft;
}

int area(const cv::Mat& mask) { return cv::countNonZero(mask); }

TEST(CleanMask, IsBinaryAndStrictlyAboveTheThreshold) {
  cv::Mat soft(1, 3, CV_32FC1);
  soft.at<float>(0) = 0.4F;
  soft.at<float>(1) = 0.5F;
  soft.at<float>(2) = 0.6F;
  const cv::Mat mask = clean_mask(soft, plain());
  EXPECT_EQ(mask.type(), CV_8UC1);
  EXPECT_EQ(mask.at<uchar>(0), 0);
  EXPECT_EQ(mask.at<uchar>(1), 0);
  EXPECT_EQ(mask.at<uchar>(2), 255);
}

TEST(CleanMask, ThresholdDecides) {
  MaskOptions options = plain();
  EXPECT_EQ(area(clean_mask(with_squares(), options)), 144 - 4 + 9);
  options.threshold = 0.7;
  EXPECT_EQ(area(clean_mask(with_squares(), options)), 144 - 4);
  options.threshold = 0.05;
  EXPECT_EQ(area(clean_mask(with_squares(), options)), 144 + 9);
}

TEST(CleanMask, SmallComponentsGoAndSmallHolesFill) {
  MaskOptions options = plain();
  options.min_area = 9.0 / (40 * 40);
  EXPECT_EQ(area(clean_mask(with_squares(), options)), 144 - 4 + 9)
      << "9 pixels are not fewer than 9";
  options.min_area = 10.0 / (40 * 40);
  EXPECT_EQ(area(clean_mask(with_squares(), options)), 144 - 4);
  options.fill_holes = 5.0 / (40 * 40);
  EXPECT_EQ(area(clean_mask(with_squares(), options)), 144);
}

TEST(CleanMask, MedianRemovesSinglePixels) {
  cv::Mat soft = cv::Mat::zeros(20, 20, CV_32FC1);
  soft.at<float>(10, 10) = 1.0F;
  MaskOptions options = plain();
  EXPECT_EQ(area(clean_mask(soft, options)), 1);
  options.median = 3;
  EXPECT_EQ(area(clean_mask(soft, options)), 0);
}

TEST(CleanMask, RefusesBytes) {
  expect_error(ExitCode::kUsage, {"32FC1"}, [] { clean_mask(cv::Mat(2, 2, CV_8UC1), {}); });
}

}  // namespace
}  // namespace proxseg
