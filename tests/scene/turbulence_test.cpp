#include "scene/turbulence.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <opencv2/imgproc.hpp>

namespace proxseg {
namespace {

cv::Mat random_image(cv::Size size, int type, uint64_t seed) {
  cv::Mat image(size, type);
  cv::RNG(seed).fill(image, cv::RNG::UNIFORM, 0, 256);
  return image;
}

// Blurred as temporal_noise() is.
cv::Mat slope_of_ramps(const cv::Mat& ramps) {
  cv::Mat slope(ramps.size(), CV_32F, cv::Scalar(0));
  for (int x = 1; x + 1 < ramps.cols; ++x) {
    const double rise = (ramps.at<uchar>(0, x + 1) - ramps.at<uchar>(0, x - 1)) / 2.0;
    slope.col(x).setTo(std::abs(rise) / 255.0);
  }
  cv::GaussianBlur(slope, slope, {}, 2.0);
  return slope;
}

TEST(MovementOfEdges, IsTheDeviationThatTheNoiseAtSlopesTells) {
  cv::Mat ramps(60, 240, CV_8U, cv::Scalar(60));
  for (int x = 0; x < 40; ++x) ramps.col(100 + x).setTo(60 + 4 * x);
  ramps.colRange(140, 240).setTo(60 + 4 * 39);
  for (const double deviation : {0.5, 1.5}) {
    for (const double even : {0.0, 4.0 / 255.0}) {
      cv::Mat by_slope = 1.645 * deviation * slope_of_ramps(ramps), noise;
      cv::sqrt(by_slope.mul(by_slope) + even * even, noise);
      EXPECT_NEAR(movement_of_edges(noise, ramps), deviation, 0.02 * deviation);
    }
  }
}

TEST(MovementOfEdges, IsNoneWhereTheNoiseIsTheSameEverywhereOrNothingHasAnEdge) {
  const cv::Mat noise(60, 80, CV_32F, cv::Scalar(0.05));
  EXPECT_NEAR(movement_of_edges(noise, random_image({80, 60}, CV_8UC3, 4)), 0.0, 1e-3);
  const cv::Mat moving = slope_of_ramps(random_image({80, 60}, CV_8UC1, 4));
  EXPECT_EQ(movement_of_edges(moving, cv::Mat(60, 80, CV_8UC1, cv::Scalar(90))), 0.0);
}

TEST(WithoutTurbulence, IsTheFormulaOfTheHeader) {
  constexpr int kReach = 2;
  const cv::Mat frame = random_image({19, 13}, CV_8UC3, 1);
  const cv::Mat background = random_image({19, 13}, CV_8UC3, 2) / 2;
  const cv::Mat still = without_turbulence(frame, background, kReach);
  ASSERT_EQ(still.type(), CV_8UC3);
  for (int y = 0; y < frame.rows; ++y) {
    for (int x = 0; x < frame.cols; ++x) {
      for (int c = 0; c < 3; ++c) {
        int least = 255, greatest = 0;
        for (int v = std::max(0, y - kReach); v <= std::min(frame.rows - 1, y + kReach); ++v) {
          for (int u = std::max(0, x - kReach); u <= std::min(frame.cols - 1, x + kReach); ++u) {
            least = std::min<int>(least, background.at<cv::Vec3b>(v, u)[c]);
            greatest = std::max<int>(greatest, background.at<cv::Vec3b>(v, u)[c]);
          }
        }
        const int d = frame.at<cv::Vec3b>(y, x)[c], b = background.at<cv::Vec3b>(y, x)[c];
        const int expected = b + d - std::min(std::max(d, least), greatest);
        EXPECT_EQ(still.at<cv::Vec3b>(y, x)[c], std::clamp(expected, 0, 255));
      }
    }
  }
}

TEST(WithoutTurbulence, LeavesNothingOfASmallShift) {
  const cv::Mat scene = random_image({60, 40}, CV_8UC1, 3);
  const cv::Rect place(10, 10, 30, 20);
  const cv::Mat background = scene(place);
  const auto left = [&](cv::Point shift, int reach) {
    const cv::Rect inner(3, 3, 24, 14);
    const cv::Mat still = without_turbulence(scene(place + shift), background, reach);
    return cv::norm(still(inner), background(inner), cv::NORM_INF);
  };
  EXPECT_EQ(left({1, -2}, 2), 0.0);
  EXPECT_GT(left({3, 0}, 2), 0.0);
}

}  // namespace
}  // namespace proxseg
