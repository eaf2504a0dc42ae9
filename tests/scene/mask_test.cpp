#include "proxseg/scene/mask.h"

#include <opencv2/imgproc.hpp>

#include "support/expect_error.h"

namespace proxseg {
namespace {

MaskOptions plain() {
  MaskOptions options;
  options.median = 0;
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

cv::Mat cleaned(const cv::Mat& soft, const MaskOptions& options) {
  return clean_mask(find_objects(soft, options), options);
}

int area(const cv::Mat& mask) { return cv::countNonZero(mask); }

TEST(CleanMask, IsBinaryAndStrictlyAboveTheThreshold) {
  cv::Mat soft(1, 3, CV_32FC1);
  soft.at<float>(0) = 0.4F;
  soft.at<float>(1) = 0.5F;
  soft.at<float>(2) = 0.6F;
  const cv::Mat mask = cleaned(soft, plain());
  EXPECT_EQ(mask.type(), CV_8UC1);
  EXPECT_EQ(mask.at<uchar>(0), 0);
  EXPECT_EQ(mask.at<uchar>(1), 0);
  EXPECT_EQ(mask.at<uchar>(2), 255);
}

// Hysteresis: an object is kept where it is weak, and weak pixels alone are none.
TEST(FindObjects, GoesOnFromSurePixelsThroughWeakOnes) {
  cv::Mat soft = cv::Mat::zeros(10, 40, CV_32FC1);
  soft(cv::Rect(1, 1, 4, 4)) = 0.4F;    // weak ...
  soft(cv::Rect(5, 5, 4, 4)) = 0.4F;    // ... and, by a corner, ...
  soft.at<float>(8, 8) = 0.96F;         // ... with something sure in it
  soft(cv::Rect(12, 1, 4, 4)) = 0.4F;   // weak alone
  soft(cv::Rect(20, 1, 4, 4)) = 0.94F;  // not sure, but above the threshold ...
  soft(cv::Rect(24, 1, 4, 4)) = 0.4F;   // ... which leaves this out
  soft(cv::Rect(32, 1, 4, 4)) = 0.96F;
  soft(cv::Rect(36, 1, 4, 4)) = 0.2F;  // too weak
  MaskOptions options = plain();
  options.weak = 0.3;
  const cv::Mat mask = find_objects(soft, options);
  EXPECT_EQ(area(mask(cv::Rect(0, 0, 10, 10))), 32);
  EXPECT_EQ(area(mask), 32 + 16 + 16);
  options.weak = 0.5;
  EXPECT_EQ(area(find_objects(soft, options)), 1 + 16 + 16);
}

TEST(CleanMask, ThresholdDecides) {
  MaskOptions options = plain();
  EXPECT_EQ(area(cleaned(with_squares(), options)), 144 - 4 + 9);
  options.threshold = 0.7;
  EXPECT_EQ(area(cleaned(with_squares(), options)), 144 - 4);
  options.threshold = 0.05;
  EXPECT_EQ(area(cleaned(with_squares(), options)), 144 + 9);
}

TEST(CleanMask, SmallComponentsGoAndSmallHolesFill) {
  MaskOptions options = plain();
  options.min_area = 9.0 / (40 * 40);
  EXPECT_EQ(area(cleaned(with_squares(), options)), 144 - 4 + 9) << "9 pixels are not fewer than 9";
  options.min_area = 10.0 / (40 * 40);
  EXPECT_EQ(area(cleaned(with_squares(), options)), 144 - 4);
  options.fill_holes = 5.0 / (40 * 40);
  EXPECT_EQ(area(cleaned(with_squares(), options)), 144);
}

TEST(CleanMask, MedianRemovesSinglePixels) {
  cv::Mat soft = cv::Mat::zeros(20, 20, CV_32FC1);
  soft.at<float>(10, 10) = 1.0F;
  MaskOptions options = plain();
  EXPECT_EQ(area(cleaned(soft, options)), 1);
  options.median = 0.1;
  EXPECT_EQ(area(cleaned(soft, options)), 0);
}

TEST(Majority, IsTheMedianFilter) {
  cv::Mat mask(60, 80, CV_8U), expected;
  cv::RNG(4).fill(mask, cv::RNG::UNIFORM, 0, 2);
  mask = mask > 0;
  for (const int side : {3, 5, 13}) {
    cv::medianBlur(mask, expected, side);
    EXPECT_EQ(cv::norm(majority(mask, side), expected, cv::NORM_L1), 0) << side;
  }
  EXPECT_EQ(cv::norm(majority(mask, 1), mask, cv::NORM_L1), 0);
}

TEST(OddSide, IsAPartOfTheShorterSide) {
  EXPECT_EQ(odd_side(0.0, {320, 240}), 1);
  EXPECT_EQ(odd_side(0.02, {232, 152}), 3);
  EXPECT_EQ(odd_side(0.02, {320, 240}), 5);
  EXPECT_EQ(odd_side(0.02, {1280, 720}), 15);
}

// An edge between the second and the third pixel of each row, 0.2 pixels nearer to the third.
cv::Mat soft_edge() {
  cv::Mat soft(8, 5, CV_32FC1);
  const float values[] = {0.0F, 0.0F, 0.2F, 0.9F, 1.0F};
  for (int x = 0; x < 5; ++x) soft.col(x) = values[x];
  return soft;
}

TEST(EnlargeMask, OutlinesFollowTheSoftMask) {
  const cv::Mat soft = soft_edge();
  const cv::Mat mask = enlarge_mask(cleaned(soft, plain()), soft, 0.5, {50, 80});
  ASSERT_EQ(mask.size(), cv::Size(50, 80));
  // 0.2 to 0.9 between the centres 2.5 and 3.5 crosses 0.5 at 2.93.
  EXPECT_EQ(area(mask(cv::Rect(0, 0, 29, 80))), 0);
  EXPECT_EQ(area(mask(cv::Rect(30, 0, 20, 80))), 20 * 80);
}

TEST(EnlargeMask, KeepsWhatTheCleanUpDecided) {
  MaskOptions options = plain();
  options.min_area = 10.0 / (40 * 40);
  options.fill_holes = 5.0 / (40 * 40);
  const cv::Mat soft = with_squares();
  const cv::Mat mask = enlarge_mask(cleaned(soft, options), soft, 0.5, {80, 80});
  EXPECT_EQ(area(mask(cv::Rect(56, 56, 20, 20))), 0) << "the speck is gone";
  EXPECT_EQ(area(mask(cv::Rect(14, 14, 14, 14))), 14 * 14) << "the hole is filled";
}

TEST(EnlargeMask, OfTheSameSizeIsTheMaskItself) {
  const cv::Mat mask = cleaned(with_squares(), plain());
  EXPECT_EQ(enlarge_mask(mask, with_squares(), 0.5, {40, 40}).data, mask.data);
}

TEST(CleanMask, RefusesBytes) {
  expect_error(ExitCode::kUsage, {"32FC1"}, [] { find_objects(cv::Mat(2, 2, CV_8UC1), {}); });
}

}  // namespace
}  // namespace proxseg
