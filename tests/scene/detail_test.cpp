#include "proxseg/scene/detail.h"

#include <gtest/gtest.h>

#include "proxseg/media/transform.h"
#include "scene/standing_object.h"
#include "support/expect_error.h"
#include "support/shaking_camera.h"

namespace proxseg {
namespace {

std::vector<cv::Mat> halved(const std::vector<cv::Mat>& images) {
  std::vector<cv::Mat> small;
  for (const cv::Mat& image : images) small.push_back(resize_frame(image, image.size() / 2));
  return small;
}

TEST(Detail, IsTheBackgroundAtFullSizeWithoutWhatStandsBeforeIt) {
  StandingObject scene;
  scene.size = {240, 180};
  scene.place = {80, 60, 48, 56};
  const auto images = scene.images();
  const SceneState state = model_scene(halved(images), {}).states[0];
  const cv::Mat detail = detailed_background(images, state, {});
  ASSERT_EQ(detail.size(), scene.size);
  EXPECT_LT(largest_difference(detail, scene.background(), scene.place), 12);
  EXPECT_LT(mean_difference(detail, scene.background()), 1.0);
}

TEST(Detail, LiesWhereTheSmallBackgroundOfAShakingCameraLies) {
  const auto images = seen_by_a_shaking_camera();
  const SceneState state = model_scene(halved(images), {}).states[0];
  ASSERT_TRUE(state.alignment);
  const cv::Mat detail = detailed_background(images, state, {});
  ASSERT_EQ(detail.size(), enlarged_background(state, images[0].size()).size());
  const cv::Rect inner(40, 30, 120, 90);
  for (const size_t i : {3U, 17U, 30U}) {
    const SceneView small = view_of(resize_frame(images[i], state.frame_size()), state);
    const SceneView view = detailed_view(images[i], small, detail);
    const cv::Mat shown = view.to_frame(detail);
    ASSERT_EQ(shown.size(), images[i].size());
    const double blurred = mean_difference(
        view.to_frame(enlarged_background(state, images[i].size()))(inner), images[i](inner));
    const double there = mean_difference(shown(inner), images[i](inner));
    EXPECT_LT(there, 0.6 * blurred) << i;
  }
}

TEST(Detail, TakesTheLightOfTheBackground) {
  StandingObject scene;
  scene.standing = 0;
  auto images = scene.images();
  for (size_t i = 0; i < images.size(); i += 3) images[i] = cv::Mat(images[i] * 1.4);
  const SceneState state = model_scene(halved(images), {}).states[0];
  const cv::Mat detail = detailed_background(images, state, {});
  EXPECT_LT(mean_difference(detail, enlarged_background(state, images[0].size())), 2.0);
}

TEST(Detail, LeavesOutWhatStandsWhereOnlyImagesOfAnotherExposureShowTheBackground) {
  StandingObject scene;
  scene.size = {240, 180};
  scene.place = {80, 60, 48, 56};
  scene.frames = 40;
  scene.standing = 28;
  auto images = scene.images();
  for (int i = 0; i < scene.frames; ++i) {
    const bool stands = (i + 1) * scene.standing / scene.frames > i * scene.standing / scene.frames;
    if (!stands) images[static_cast<size_t>(i)] = cv::Mat(images[static_cast<size_t>(i)] * 1.35);
  }
  const SceneState state = model_scene(halved(images), {}).states[0];
  const cv::Mat detail = detailed_background(images, state, {});
  EXPECT_LT(
      mean_difference(detail(scene.place), enlarged_background(state, scene.size)(scene.place)),
      4.0);
}

TEST(Detail, IsCarriedOnWhereTheBackgroundStaysAsItIs) {
  const cv::Mat full = textured({240, 180});
  SceneState before, now;
  before.background = resize_frame(full, {120, 90});
  now.background = before.background.clone();
  const cv::Rect gone(60, 30, 20, 20);
  now.background(gone).setTo(cv::Scalar(250, 5, 250));
  const cv::Mat carried = carried_detail(full, before, now, full.size());
  EXPECT_EQ(largest_difference(carried.colRange(0, 110), full.colRange(0, 110)), 0.0);
  EXPECT_LT(mean_difference(carried(cv::Rect(124, 64, 32, 32)),
                            cv::Mat(32, 32, CV_8UC3, cv::Scalar(250, 5, 250))),
            1.0);
  now.background = now.background.colRange(0, 100).clone();
  EXPECT_EQ(carried_detail(full, before, now, {200, 180}).size(), cv::Size(200, 180));
}

TEST(Detail, OfImagesOfTheScenesSizeIsItsBackground) {
  const auto images = StandingObject().images();
  const SceneState state = model_scene(images, {}).states[0];
  EXPECT_EQ(largest_difference(detailed_background(images, state, {}), state.background), 0.0);
  EXPECT_EQ(largest_difference(enlarged_background(state, images[0].size()), state.background),
            0.0);
  expect_error(ExitCode::kUsage, {"at least one image"},
               [&] { detailed_background({}, state, {}); });
}

}  // namespace
}  // namespace proxseg
