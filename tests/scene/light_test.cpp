#include "proxseg/scene/light.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <opencv2/imgcodecs.hpp>
#include <opencv2/imgproc.hpp>

#include "proxseg/scene/background.h"
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

TEST(LitOtherwise, IsTheSameTextureInAnotherLight) {
  cv::Mat background(60, 80, CV_8UC3), noise(background.size(), CV_8UC3);
  cv::RNG random(3);
  random.fill(background, cv::RNG::UNIFORM, 40, 160);
  cv::GaussianBlur(background, background, {3, 3}, 0);
  cv::Mat frame = background * 1.4;
  const cv::Rect object(50, 20, 20, 30);
  random.fill(noise, cv::RNG::UNIFORM, 60, 200);
  noise(object).copyTo(frame(object));
  const cv::Mat where(frame.size(), CV_8U, cv::Scalar(255));
  const cv::Mat lit = lit_otherwise(frame, background, where);
  EXPECT_GT(cv::mean(lit(cv::Rect(0, 0, 40, 60)))[0], 240.0);
  EXPECT_LT(cv::mean(lit(cv::Rect(58, 28, 6, 14)))[0], 30.0);
  EXPECT_EQ(cv::countNonZero(lit_otherwise(frame, background, cv::Mat::zeros(frame.size(), CV_8U))),
            0);
  const cv::Mat flat(60, 80, CV_8UC3, cv::Scalar::all(90));
  EXPECT_EQ(cv::countNonZero(lit_otherwise(flat * 1.4, flat, where)), 0);
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

// The median shows a part of the picture in the sun, and another in the shade.
TEST(FindLight, FindsTheEdgeOfAShadowThatWanders) {
  auto images = StandingObject{.standing = 0}.images();
  const int width = images[0].cols, count = static_cast<int>(images.size());
  for (int i = 0; i < count; ++i) {
    for (int x = 0; x < width; ++x) {
      const double lit = 0.5 - (x - 1.0 * width * i / count) / 30.0;
      cv::Mat column = images[static_cast<size_t>(i)].col(x);
      column *= 0.5 + 0.5 * std::clamp(lit, 0.0, 1.0);
    }
  }
  const auto light = find_light(images, {});
  ASSERT_NE(light, nullptr);
  const double left = unexplained_share(images, *light);
  EXPECT_LT(left, 0.2 * unexplained_share(images));
  EXPECT_LT(left, 0.5 * unexplained_share(images, Light(temporal_median(images))));
}

TEST(FindLight, LeavesOneExposureOfTheWholePictureAlone) {
  auto images = StandingObject{}.images();
  for (size_t i = 0; i < images.size(); i += 2) images[i] *= 0.7;
  EXPECT_EQ(find_light(images, {}), nullptr);
}

}  // namespace
}  // namespace proxseg
