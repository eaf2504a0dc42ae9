#include "scene/picture.h"

#include <gtest/gtest.h>

#include <opencv2/imgproc.hpp>

namespace proxseg {
namespace {

cv::Mat texture(int seed) {
  cv::Mat image(48, 64, CV_8U);
  cv::RNG random(static_cast<uint64_t>(seed));
  random.fill(image, cv::RNG::UNIFORM, 60, 120);
  return image;
}

TEST(Picture, AChangeIsAlmostEverywhereInMostParts) {
  cv::Mat mask = cv::Mat::zeros(40, 40, CV_8U);
  mask.rowRange(0, 20) = 255;  // eight of sixteen parts
  EXPECT_FALSE(is_almost_everywhere(mask, 0.5));
  mask.rowRange(0, 30) = 255;
  EXPECT_TRUE(is_almost_everywhere(mask, 0.5));
  EXPECT_NEAR(share_of(mask), 0.75, 1e-12);
}

TEST(Picture, ComponentsCountThatTheMaskTouches) {
  cv::Mat off = cv::Mat::zeros(20, 20, CV_8U), mask = off.clone();
  off(cv::Rect(0, 0, 10, 4)) = 255;
  off(cv::Rect(12, 12, 4, 4)) = 255;
  mask(cv::Rect(0, 0, 2, 2)) = 255;
  EXPECT_NEAR(share_of_components(off, mask), 40.0 / 400.0, 1e-12);
}

TEST(Picture, TheSameSurfacesAreToldInOtherLight) {
  const cv::Mat before = texture(1);
  const cv::Mat brighter = before * 1.6;
  EXPECT_TRUE(shows_same_texture(before, brighter, {}));
  EXPECT_FALSE(shows_same_texture(before, texture(2), {}));
  const cv::Mat smooth(48, 64, CV_8U, cv::Scalar(80));
  EXPECT_FALSE(shows_same_texture(smooth, smooth, {}));  // nothing to tell by
}

TEST(Picture, SaturationIsThatOfColours) {
  EXPECT_EQ(saturation_of(texture(1)), 0.0);
  EXPECT_NEAR(saturation_of(cv::Mat(4, 4, CV_8UC3, cv::Scalar(10, 60, 30))), 50.0, 1e-9);
}

TEST(Picture, ASmearRepeatsARowToTheLowerBorder) {
  const cv::Mat background = texture(1);
  cv::Mat frame = background.clone();
  EXPECT_EQ(rows_above_smear(frame, background), frame.rows);
  for (int y = 30; y < frame.rows; ++y) frame.row(29).copyTo(frame.row(y));
  EXPECT_EQ(rows_above_smear(frame, background), 30);
  EXPECT_EQ(rows_above_smear(frame, frame), frame.rows);  // the scene itself is flat there
}

}  // namespace
}  // namespace proxseg
