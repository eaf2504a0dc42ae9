#include "proxseg/scene/shadow.h"

#include <gtest/gtest.h>

#include <cmath>
#include <opencv2/imgproc.hpp>
#include <vector>

#include "proxseg/scene/mask.h"
#include "proxseg/scene/tensors.h"

namespace proxseg {
namespace {

const cv::Rect kPlace(40, 30, 30, 24);

// A textured background with a colour of its own.
cv::Mat ground() {
  cv::Mat image(100, 120, CV_8UC3), noise(100, 120, CV_8UC3);
  image = cv::Scalar(90, 140, 170);
  cv::RNG(5).fill(noise, cv::RNG::UNIFORM, 0, 30);
  cv::GaussianBlur(noise, noise, {5, 5}, 0);
  return image + noise;
}

SceneState scene_of(const cv::Mat& background) {
  return {.background = background,
          .scale = cv::Mat(background.size(), CV_32F, cv::Scalar(20.0 / 255.0))};
}

cv::Mat dimmed(const cv::Mat& image, double factor) {
  cv::Mat frame = image.clone(), part = frame(kPlace);
  part.convertTo(part, -1, factor);
  return frame;
}

cv::Mat everywhere(const cv::Mat& frame) { return {frame.size(), CV_8U, cv::Scalar(255)}; }

SceneTensors tensors_of(const SceneState& scene) {
  SceneTensors tensors = to_tensors(scene, {});
  tensors.tells_shadows = tells_shadows(scene);
  return tensors;
}

double share_found(const cv::Mat& background, const cv::Mat& frame) {
  const cv::Mat shadows = ShadowDetector(scene_of(background)).find(frame, everywhere(frame));
  const cv::Rect inside = kPlace - cv::Size(6, 6) + cv::Point(3, 3);
  EXPECT_EQ(shadows.type(), CV_8UC1);
  return cv::countNonZero(shadows(inside)) / static_cast<double>(inside.area());
}

TEST(ShadowDetector, FindsWhatDimsTheBackground) {
  for (const double factor : {0.5, 0.7, 0.9}) {
    EXPECT_GT(share_found(ground(), dimmed(ground(), factor)), 0.99) << factor;
  }
}

TEST(ShadowDetector, TakesNeitherDeepDarknessNorLightNorTheBackgroundItselfForShadow) {
  for (const double factor : {0.2, 1.0, 1.3}) {
    EXPECT_LT(share_found(ground(), dimmed(ground(), factor)), 0.01) << factor;
  }
}

TEST(ShadowDetector, MeasuresShadowsInTheLightOfTheFrame) {
  const ShadowDetector detector(scene_of(ground()));
  const auto share = [&](double gain, double shadow) {
    const cv::Mat frame = dimmed(ground() * gain, shadow);
    const cv::Mat found = detector.find(frame, everywhere(frame), gain);
    const cv::Rect inside = kPlace - cv::Size(6, 6) + cv::Point(3, 3);
    return cv::countNonZero(found(inside)) / static_cast<double>(inside.area());
  };
  EXPECT_LT(share(0.9, 1.0), 0.01) << "a darker frame is no shadow";
  EXPECT_GT(share(1.2, 0.7), 0.99);
  EXPECT_LT(share(0.8, 0.35), 0.01) << "too dark for a shadow";
}

TEST(ShadowDetector, KnowsAnObjectByItsColour) {
  cv::Mat frame = ground();
  frame(kPlace) = cv::Scalar(120, 60, 40);
  EXPECT_EQ(share_found(ground(), frame), 0.0);
}

TEST(ShadowDetector, KnowsAPaleObjectInHaze) {
  const cv::Mat background(60, 80, CV_8UC3, cv::Scalar(120, 140, 150));
  const cv::Mat frame(60, 80, CV_8UC3, cv::Scalar(116, 126, 135));  // 0.9 of it, bluer by 8
  const auto shadows = [&](double range) {
    const SceneState scene = {.background = background,
                              .scale = cv::Mat(background.size(), CV_32F, cv::Scalar(6.0 / 255.0)),
                              .range = range};
    const torch::Tensor pixels = to_unit_range(to_tensor({frame}));
    const bool in_loss = (shading_of(pixels, tensors_of(scene)) < 1.0F).any().item<bool>();
    const bool in_mask = cv::countNonZero(ShadowDetector(scene).find(frame, everywhere(frame))) > 0;
    EXPECT_EQ(in_loss, in_mask) << range;
    return in_mask;
  };
  EXPECT_TRUE(shadows(255.0));
  EXPECT_TRUE(shadows(120.0));
  EXPECT_FALSE(shadows(50.0));
}

TEST(ShadowDetector, FindsTheSameWithinAMaskAndNothingOutsideIt) {
  const cv::Mat frame = dimmed(ground(), 0.7);
  const ShadowDetector detector(scene_of(ground()));
  const cv::Mat all = detector.find(frame, everywhere(frame));
  cv::Mat mask = cv::Mat::zeros(frame.size(), CV_8U);
  for (const cv::Point corner : {cv::Point(37, 32), cv::Point(0, 0), cv::Point(61, 50)}) {
    mask(cv::Rect(corner, cv::Size(7, 5))) = 255;
  }
  const cv::Mat within = detector.find(frame, mask);
  EXPECT_EQ(cv::norm(within, all & mask, cv::NORM_L1), 0.0);
  EXPECT_GT(cv::countNonZero(within), 0);
  EXPECT_EQ(cv::countNonZero(detector.find(frame, cv::Mat::zeros(frame.size(), CV_8U))), 0);
}

// The background with brighter pixels, and a mask of them.
struct LitFrame {
  cv::Mat frame, where;
};

LitFrame lit(const cv::Mat& background, const cv::Mat& factor) {
  cv::Mat factors, frame;
  cv::merge(std::vector<cv::Mat>(static_cast<size_t>(background.channels()), factor), factors);
  background.convertTo(frame, CV_32F);
  cv::Mat(frame.mul(factors)).convertTo(frame, CV_8U);
  return {frame, factor > 1.4};
}

// Up to three times as bright.
LitFrame lamplit(const cv::Mat& background) {
  cv::Mat factor(background.size(), CV_32F);
  for (int y = 0; y < factor.rows; ++y) {
    for (int x = 0; x < factor.cols; ++x) {
      const cv::Point2d from(x - 55.0, y - 42.0);
      factor.at<float>(y, x) = static_cast<float>(1.0 + 2.0 * std::exp(-from.dot(from) / 288.0));
    }
  }
  return lit(background, factor);
}

// With an object of twice the background's brightness.
LitFrame with_bright_object(const cv::Mat& background) {
  cv::Mat factor = cv::Mat::ones(background.size(), CV_32F);
  factor(kPlace) = 2.0F;
  return lit(background, factor);
}

double share_taken_for_light(const cv::Mat& background, const LitFrame& scene) {
  const cv::Mat found = ShadowDetector(scene_of(background)).find(scene.frame, scene.where);
  return cv::countNonZero(found) / static_cast<double>(cv::countNonZero(scene.where));
}

cv::Mat in_gray(const cv::Mat& image, int channels) {
  cv::Mat gray, three;
  cv::cvtColor(image, gray, cv::COLOR_BGR2GRAY);
  cv::cvtColor(gray, three, cv::COLOR_GRAY2BGR);
  return channels == 1 ? gray : three;
}

TEST(ShadowDetector, TakesTheLightOfHeadlampsForLightAtNightAlone) {
  const cv::Mat night = ground() * 0.2;
  for (const cv::Mat& image : {night, in_gray(night, 1), in_gray(night, 3)}) {
    EXPECT_GT(share_taken_for_light(image, lamplit(image)), 0.95);
    EXPECT_LT(share_taken_for_light(image, with_bright_object(image)), 0.01);
  }
  const cv::Mat day = ground() * 0.45;
  EXPECT_LT(share_taken_for_light(day, lamplit(day)), 0.01);
}

TEST(ShadowDetector, FindsNoShadowWithoutColour) {
  for (const double light : {1.0, 0.2}) {
    for (const int channels : {1, 3}) {
      const cv::Mat gray = in_gray(ground() * light, channels);
      EXPECT_EQ(share_found(gray, dimmed(gray, 0.7)), 0.0);
    }
  }
}

// Away from the border, where windows are cut off in another way.
TEST(ShadingOf, IsTheFactorWhereTheDetectorFindsAShadow) {
  const cv::Mat background = ground();
  cv::Mat frame = dimmed(background, 0.6);
  frame(cv::Rect(10, 60, 30, 24)) = cv::Scalar(120, 60, 40);
  const SceneState scene = scene_of(background);
  const SceneTensors tensors = tensors_of(scene);
  ASSERT_TRUE(tensors.tells_shadows);
  const torch::Tensor shading = shading_of(to_unit_range(to_tensor({frame})), tensors);
  const cv::Mat factor(frame.size(), CV_32F, shading.data_ptr<float>());
  const cv::Mat found = ShadowDetector(scene).find(frame, everywhere(frame));
  const cv::Rect inside({4, 4}, frame.size() - cv::Size(8, 8));
  EXPECT_EQ(cv::norm(cv::Mat(factor < 1.0F)(inside), found(inside), cv::NORM_L1), 0.0);
  EXPECT_NEAR(cv::mean(factor(kPlace), found(kPlace))[0], 0.6, 0.01);
  EXPECT_EQ(cv::countNonZero(found(cv::Rect(13, 63, 24, 18))), 0);
}

TEST(ShadingOf, IsUndefinedWhereShadowsAreNotTold) {
  cv::Mat gray;
  cv::cvtColor(ground(), gray, cv::COLOR_BGR2GRAY);
  SceneState unscaled = scene_of(ground());
  unscaled.scale.release();
  for (const SceneState& scene : {scene_of(gray), scene_of(ground() * 0.2), unscaled}) {
    const torch::Tensor frames = to_unit_range(to_tensor({scene.background}));
    EXPECT_FALSE(shading_of(frames, tensors_of(scene)).defined());
  }
}

TEST(ApplyShading, DimsTheBackground) {
  const SceneTensors scene = to_tensors(scene_of(ground()), {});
  const torch::Tensor shading = torch::rand({2, 1, 100, 120});
  EXPECT_TRUE(torch::equal(apply_shading(scene, shading).background, scene.background * shading));
  EXPECT_TRUE(torch::equal(apply_shading(scene, {}).background, scene.background));
}

TEST(WithoutShadows, TakesAwayAShadowBesideAnObject) {
  cv::Mat mask = cv::Mat::zeros(120, 160, CV_8U), shadows = mask.clone();
  const cv::Rect object(40, 40, 30, 40), shadow(70, 60, 40, 20);
  mask(object) = 255;
  mask(shadow) = 255;
  shadows(shadow) = 255;
  const cv::Mat clean = without_shadows(mask, shadows);
  EXPECT_GE(cv::countNonZero(clean(object)), object.area() - 12);
  EXPECT_LE(cv::countNonZero(clean(shadow)), 12);
}

TEST(WithoutShadows, KeepsTheDarkPartsInsideAnObject) {
  cv::Mat mask = cv::Mat::zeros(120, 160, CV_8U), shadows = mask.clone();
  const cv::Rect object(40, 40, 40, 40), window(56, 52, 8, 16);
  mask(object) = 255;
  shadows(window) = 255;
  EXPECT_GE(cv::countNonZero(without_shadows(mask, shadows)(object)), object.area() - 12);
}

TEST(WithoutShadows, AddsNothing) {
  cv::Mat mask(60, 80, CV_8U), shadows(60, 80, CV_8U);
  cv::RNG random(2);
  random.fill(mask, cv::RNG::UNIFORM, 0, 2);
  random.fill(shadows, cv::RNG::UNIFORM, 0, 2);
  mask = mask > 0;
  cv::medianBlur(mask, mask, 5);
  const cv::Mat none = cv::Mat::zeros(60, 80, CV_8U);
  const cv::Mat clean = without_shadows(mask, shadows > 0);
  EXPECT_GT(cv::countNonZero(mask), 0);
  EXPECT_EQ(cv::countNonZero(clean & ~mask), 0);
  EXPECT_EQ(cv::countNonZero(without_shadows(none, shadows > 0)), 0);
}

TEST(CleanMask, RemovesShadows) {
  cv::Mat soft = cv::Mat::zeros(120, 160, CV_32F), shadows = cv::Mat::zeros(120, 160, CV_8U);
  const cv::Rect object(40, 40, 30, 40), shadow(70, 60, 40, 20);
  soft(object) = 1.0F;
  soft(shadow) = 1.0F;
  shadows(shadow) = 255;
  EXPECT_GT(cv::countNonZero(clean_mask(find_objects(soft, {}), {})(shadow)), shadow.area() - 40);
  EXPECT_LT(cv::countNonZero(clean_mask(find_objects(soft, {}), {}, shadows)(shadow)), 12);
}

}  // namespace
}  // namespace proxseg
