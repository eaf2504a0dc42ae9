#include "scene/relearning.h"

#include <gtest/gtest.h>

#include <algorithm>

namespace proxseg {
namespace {

cv::Mat mask(int value) { return {4, 4, CV_8U, cv::Scalar(value)}; }

TEST(Samples, KeepAsManyOfEachOctaveOfAges) {
  std::vector<Sample> samples;
  constexpr double kEnd = 10000.0;
  for (double t = 0.0; t <= kEnd; t += 0.5) add_sample(samples, {t, {}, {}}, 40);
  ASSERT_EQ(samples.size(), 40U);
  const auto between = [&](double youngest, double oldest) {
    return std::ranges::count_if(samples, [&](const Sample& sample) {
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
  std::vector<Sample> samples = {{1.0, {}, mask(0)}, {2.0, {}, mask(255)}};
  const cv::Mat before = samples[0].covered;
  cv::Mat region = mask(0);
  region(cv::Rect(0, 0, 2, 4)) = 255;
  renew(samples, region, 2.0);
  const cv::Mat first = samples[0].covered, second = samples[1].covered;
  EXPECT_EQ(first.at<uchar>(0, 0), 255);
  EXPECT_EQ(first.at<uchar>(0, 3), 0);
  EXPECT_EQ(second.at<uchar>(0, 0), 0);
  EXPECT_EQ(second.at<uchar>(0, 3), 255);
  EXPECT_EQ(cv::countNonZero(before), 0) << "a mask that someone holds has changed";
}

}  // namespace
}  // namespace proxseg
