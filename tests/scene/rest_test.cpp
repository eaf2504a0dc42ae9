#include "scene/rest.h"

#include <gtest/gtest.h>

namespace proxseg {
namespace {

const cv::Size kRestSize{80, 60};
constexpr double kRestFrame = 0.04;  // seconds

struct Pictures {
  RestingPixels pixels;
  double now = 0.0;

  void show(const cv::Rect& object, int value = 200) {
    cv::Mat picture(kRestSize, CV_8U, cv::Scalar(50)), off = cv::Mat::zeros(kRestSize, CV_8U);
    picture(object & cv::Rect({}, kRestSize)) = value;
    off(object & cv::Rect({}, kRestSize)) = 255;
    now += kRestFrame;
    pixels.update(picture, off, cv::Mat(kRestSize, CV_8U, cv::Scalar(10)), now);
  }
};

TEST(RestingPixels, WhatComesAtOnceIsToldFromWhatMovesIn) {
  Pictures lamp, car;
  for (int i = 0; i < 5; ++i) lamp.show({});
  for (int i = 0; i < 50; ++i) lamp.show({20, 10, 30, 20});
  for (int i = 0; i < 50; ++i) car.show({i - 29, 10, 30, 20});
  for (int i = 0; i < 50; ++i) car.show({20, 10, 30, 20});
  const auto lit = lamp.pixels.blobs(1.0), parked = car.pixels.blobs(1.0);
  ASSERT_EQ(lit.size(), 1U);
  ASSERT_EQ(parked.size(), 1U);
  EXPECT_TRUE(lit[0].came_at_once);
  EXPECT_NEAR(lit[0].since, 6 * kRestFrame, 1e-6);
  EXPECT_NEAR(lit[0].share, 600.0 / kRestSize.area(), 0.02);
  EXPECT_FALSE(parked[0].came_at_once);
}

TEST(RestingPixels, WhatMovesDoesNotRest) {
  Pictures car;
  for (int i = 0; i < 60; ++i) car.show({2 * i - 40, 10, 20, 20}, 150 + i);
  EXPECT_TRUE(car.pixels.blobs(1.0).empty());
}

TEST(RestingPixels, WhatIsOfOneColourDoesNotRestWhileItPasses) {
  Pictures car;
  for (int i = 0; i < 60; ++i) {
    car.show({2 * i - 40, 10, 40, 20});
    EXPECT_TRUE(car.pixels.blobs(0.9).empty()) << i;
  }
}

TEST(RestingPixels, WaitsForWhatPassesInFront) {
  Pictures parked;
  for (int i = 0; i < 30; ++i) parked.show({20, 10, 30, 20});
  for (int i = 0; i < 8; ++i) parked.show({20, 10, 30, 20}, 90);
  for (int i = 0; i < 5; ++i) parked.show({20, 10, 30, 20});
  ASSERT_EQ(parked.pixels.blobs(1.0).size(), 1U);
  for (int i = 0; i < 30; ++i) parked.show({20, 10, 30, 20}, 90);
  EXPECT_TRUE(parked.pixels.blobs(1.5).empty());
}

TEST(RestingPixels, ForgetsWhatIsGone) {
  Pictures parked;
  for (int i = 0; i < 40; ++i) parked.show({20, 10, 30, 20});
  for (int i = 0; i < 20; ++i) parked.show({});
  EXPECT_TRUE(parked.pixels.blobs(0.5).empty());
}

}  // namespace
}  // namespace proxseg
