#include "proxseg/scene/exposure.h"

#include <gtest/gtest.h>

#include <opencv2/imgproc.hpp>

namespace proxseg {
namespace {

// Soft structure of many brightnesses.
cv::Mat scene(int type = CV_8UC3) {
  cv::Mat small(8, 10, type), image;
  cv::RNG(3).fill(small, cv::RNG::UNIFORM, 40, 180);
  cv::resize(small, image, {160, 128}, 0, 0, cv::INTER_CUBIC);
  return image;
}

cv::Mat noisy(const cv::Mat& image, uint64_t seed) {
  cv::Mat noise(image.size(), CV_16SC(image.channels())), sum;
  cv::RNG(seed).fill(noise, cv::RNG::NORMAL, 0, 2);
  cv::add(image, noise, sum, {}, CV_8U);
  return sum;
}

class ExposureOfImages : public testing::TestWithParam<int> {};

TEST_P(ExposureOfImages, IsTheFactorBetweenFrameAndBackground) {
  const cv::Mat background = scene(GetParam());
  for (const double gain : {0.6, 0.95, 1.0, 1.1, 1.4}) {
    EXPECT_NEAR(exposure_gain(noisy(background * gain, 5), background), gain, 0.01 * gain);
  }
}
INSTANTIATE_TEST_SUITE_P(Types, ExposureOfImages, testing::Values(CV_8UC1, CV_8UC3));

TEST(Exposure, OfTheSameImageIsExactlyOne) { EXPECT_EQ(exposure_gain(scene(), scene()), 1.0); }

TEST(Exposure, IsMeasuredInALineOfPixels) {
  for (const cv::Size size : {cv::Size(9000, 1), cv::Size(9000, 3), cv::Size(1, 9000)}) {
    const cv::Mat background(size, CV_8UC1, cv::Scalar(100));
    EXPECT_NEAR(exposure_gain(background * 1.3, background), 1.3, 0.01) << size;
  }
}

TEST(Exposure, IsNotMovedByObjectsOverMostOfTheImage) {
  const cv::Mat background = scene();
  cv::Mat frame = noisy(background * 1.1, 5);
  for (int i = 0; i < 12; ++i) {  // three fifths of the image, in twelve shades
    frame(cv::Rect(8 * i, 0, 8, 128)) = cv::Scalar(30 + 18 * i, 230 - 15 * i, 60 + 9 * i);
  }
  EXPECT_NEAR(exposure_gain(frame, background), 1.1, 0.011);
}

TEST(Exposure, IsNotMovedBySaturatedPixels) {
  cv::Mat background = scene();
  background(cv::Rect(0, 0, 160, 70)) = cv::Scalar::all(255);
  cv::Mat frame = background * 1.2;
  EXPECT_NEAR(exposure_gain(frame, background), 1.2, 0.012);
}

TEST(Exposure, IsOneWhereNothingAgrees) {
  cv::Mat frame(128, 160, CV_8UC3);
  cv::RNG(9).fill(frame, cv::RNG::UNIFORM, 1, 250);
  EXPECT_EQ(exposure_gain(frame, scene()), 1.0);
  EXPECT_EQ(exposure_gain(cv::Mat::zeros(128, 160, CV_8UC3), scene()), 1.0);
}

TEST(Exposure, LevelledImagesAreAlikeAndThoseGivenStayAsTheyAre) {
  std::vector<cv::Mat> given, kept;
  for (const double gain : {0.8, 0.9, 1.0, 1.0, 1.1, 1.2}) given.push_back(scene() * gain);
  for (const cv::Mat& image : given) kept.push_back(image.clone());
  std::vector<cv::Mat> images = given;
  level_exposures(images);
  for (size_t i = 0; i < images.size(); ++i) {
    EXPECT_LE(cv::norm(images[i], scene(), cv::NORM_INF), 4.0);
    EXPECT_EQ(cv::norm(given[i], kept[i], cv::NORM_INF), 0.0);
  }
}

}  // namespace
}  // namespace proxseg
