#include "proxseg/scene/light.h"

#include <gtest/gtest.h>

#include <opencv2/imgcodecs.hpp>
#include <opencv2/imgproc.hpp>

#include "scene/standing_object.h"

namespace proxseg {
namespace {

cv::Mat lit_from_the_left(const cv::Mat& image, double left, double right) {
  cv::Mat field(image.size(), CV_32F), values, result;
  for (int x = 0; x < field.cols; ++x) field.col(x) = left + (right - left) * x / field.cols;
  std::vector<cv::Mat> channels(static_cast<size_t>(image.channels()), field);
  cv::merge(channels, field);
  image.convertTo(values, CV_32F);
  cv::Mat(values.mul(field)).convertTo(result, CV_8U);
  return result;
}

double mean_difference(const cv::Mat& a, const cv::Mat& b) {
  return cv::norm(a, b, cv::NORM_L1) / static_cast<double>(a.total() * a.elemSize());
}

TEST(Light, TakesALampThatShinesOnOneSideAndGivesItBack) {
  for (const int type : {CV_8UC1, CV_8UC3}) {
    const cv::Mat background = StandingObject{.type = type}.background();
    const cv::Mat frame = lit_from_the_left(background, 1.6, 0.8);
    const Light light(background);
    const cv::Mat field = light.field_of(frame), taken = take_light(frame, field);
    EXPECT_GT(mean_difference(frame, background), 15.0);
    EXPECT_LT(mean_difference(taken, background), 5.0);
    EXPECT_LT(mean_difference(give_light(taken, field), frame), 1.0);
  }
}

TEST(Light, LeavesAnObjectInPlace) {
  const StandingObject scene;
  const cv::Mat background = scene.background();
  cv::Mat frame = background.clone();
  frame(scene.place) = cv::Scalar::all(250);
  const cv::Mat taken = take_light(frame, Light(background).field_of(frame));
  EXPECT_GT(mean_difference(taken(scene.place), background(scene.place)), 100.0);
  frame(scene.place) = cv::Scalar::all(0);
  background(scene.place).copyTo(taken(scene.place));
  EXPECT_LT(mean_difference(taken, background), 3.0);
}

TEST(FindLight, FindsALampThatIsSwitched) {
  const StandingObject scene;
  auto images = scene.images();
  EXPECT_EQ(find_light(images, {}), nullptr);
  for (size_t i = 0; i < images.size(); i += 2) {
    images[i] = lit_from_the_left(images[i], 1.7, 1.0);
  }
  EXPECT_NE(find_light(images, {}), nullptr);
  EXPECT_NE(find_light(images, scene.background()), nullptr);
}

TEST(FindLight, LeavesOneExposureOfTheWholePictureAlone) {
  auto images = StandingObject{}.images();
  for (size_t i = 0; i < images.size(); i += 2) images[i] *= 0.7;
  EXPECT_EQ(find_light(images, {}), nullptr);
}

}  // namespace
}  // namespace proxseg
