#include "scene/samples.h"

#include <gtest/gtest.h>

#include <algorithm>

namespace proxseg {
namespace {

cv::Mat mask(int value) { return {4, 4, CV_8U, cv::Scalar(value)}; }

TEST(Samples, KeepAsManyOfEachOctaveOfAges) {
  Samples samples(40);
  constexpr double kEnd = 10000.0;
  for (double t = 0.0; t <= kEnd; t += 0.5) samples.add({t, {}, {}});
  ASSERT_EQ(samples.all().size(), 40U);
  const auto between = [&](double youngest, double oldest) {
    return std::ranges::count_if(samples.all(), [&](const Sample& sample) {
      const double age = kEnd - sample.seconds;
      return age >= youngest && age < oldest;
    });
  };
  for (double age = 8.0; age < 4096.0; age *= 4.0) {
    EXPECT_GE(between(age, 4.0 * age), 2) << age;
    EXPECT_LE(between(age, 4.0 * age), 10) << age;
  }
}

TEST(Samples, AreRenewedInARegionSinceATime) {
  Samples samples(10);
  samples.add({1.0, {}, mask(0)});
  samples.add({2.0, {}, mask(255)});
  const cv::Mat before = samples.all()[0].covered;
  cv::Mat region = mask(0);
  region(cv::Rect(0, 0, 2, 4)) = 255;
  samples.renew(region, 2.0);
  const cv::Mat first = samples.all()[0].covered, second = samples.all()[1].covered;
  EXPECT_EQ(first.at<uchar>(0, 0), 255);
  EXPECT_EQ(first.at<uchar>(0, 3), 0);
  EXPECT_EQ(second.at<uchar>(0, 0), 0);
  EXPECT_EQ(second.at<uchar>(0, 3), 255);
  EXPECT_EQ(cv::countNonZero(before), 0) << "a mask that someone holds has changed";
}

}  // namespace
}  // namespace proxseg
