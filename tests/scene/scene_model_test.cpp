#include "proxseg/scene/scene_model.h"

#include <cmath>
#include <opencv2/imgcodecs.hpp>
#include <opencv2/imgproc.hpp>

#include "proxseg/media/source.h"
#include "proxseg/scene/background.h"
#include "proxseg/scene/exposure.h"
#include "scene/standing_object.h"
#include "support/expect_error.h"
#include "support/shaking_camera.h"
#include "support/temporary_folder.h"

namespace proxseg {
namespace {

SceneState model_of(const std::vector<cv::Mat>& images, const BackgroundOptions& options = {}) {
  SequenceInfo info;
  info.path = "images";
  MemorySource source(images, info);
  return model_scene(source, options).states[0];
}

// 10 images of 50, then 30 of 200.
std::vector<cv::Mat> two_halves() {
  std::vector<cv::Mat> images;
  for (int i = 0; i < 40; ++i) images.emplace_back(8, 12, CV_8UC1, cv::Scalar(i < 10 ? 50 : 200));
  return images;
}

TEST(ModelScene, SettledIsTheMedianOfWhatShowsNoObject) {
  for (const int type : {CV_8UC1, CV_8UC3}) {
    const StandingObject scene{.type = type};
    const cv::Mat background = model_of(scene.images()).background;
    EXPECT_EQ(background.type(), type);
    EXPECT_LT(largest_difference(background, scene.background()), 12);
  }
}

TEST(ModelScene, TakesImagesInMemory) {
  const auto images = StandingObject{.type = CV_8UC3}.images();
  const SceneState scene = model_scene(images, {}).states[0], same = model_of(images);
  EXPECT_EQ(cv::norm(scene.background, same.background, cv::NORM_INF), 0);
  EXPECT_EQ(cv::norm(scene.scale, same.scale, cv::NORM_INF), 0);
  expect_error(ExitCode::kUsage, {"at least one image"},
               [] { model_scene(std::vector<cv::Mat>(), {}); });
}

TEST(ModelScene, SettledBackgroundOfLargeFramesIsOfTheirSize) {
  const StandingObject scene{.type = CV_8UC1,
                             .size = {480, 360},
                             .place = {180, 120, 72, 96},
                             .frames = 20,
                             .standing = 14};
  const SceneState model = model_of(scene.images());
  ASSERT_EQ(model.background.size(), scene.size);
  EXPECT_EQ(model.scale.size(), scene.size);
  EXPECT_LT(largest_difference(model.background, scene.background()), 12);
}

TEST(ModelScene, MedianShowsAnObjectThatStandsForMostOfTheClip) {
  const StandingObject scene;
  const auto images = scene.images();
  BackgroundOptions options;
  options.method = BackgroundMethod::kMedian;
  const cv::Mat background = model_of(images, options).background;
  EXPECT_EQ(largest_difference(background, temporal_median(images)), 0);
  EXPECT_GT(largest_difference(background, scene.background(), scene.place), 50);
}

TEST(ModelScene, MedianReadsTheWholeClipFirstOnlyItsStart) {
  MemorySource whole(two_halves()), start(two_halves());
  BackgroundOptions options;
  options.method = BackgroundMethod::kMedian;
  options.frames = 8;
  EXPECT_EQ(model_scene(whole, options).background().at<uchar>(0, 0), 200);
  EXPECT_EQ(whole.given(), 40U);
  options.method = BackgroundMethod::kFirst;
  EXPECT_EQ(model_scene(start, options).background().at<uchar>(0, 0), 50);
  EXPECT_EQ(start.given(), 8U);
}

TEST(ModelScene, FileMustFitTheFrames) {
  const TemporaryFolder folder;
  BackgroundOptions options;
  options.method = BackgroundMethod::kFile;
  options.file = (folder / "background.png").string();
  const std::vector<cv::Mat> images = {cv::Mat(4, 6, CV_8UC1, cv::Scalar(7))};
  expect_error(ExitCode::kInput, {"cannot read", options.file}, [&] { model_of(images, options); });
  cv::imwrite(options.file, cv::Mat(4, 5, CV_8UC3, cv::Scalar::all(9)));
  expect_error(ExitCode::kInput, {options.file, "5 x 4", "6 x 4"},
               [&] { model_of(images, options); });
  cv::imwrite(options.file, cv::Mat(4, 6, CV_8UC3, cv::Scalar::all(9)));
  const cv::Mat background = model_of(images, options).background;
  EXPECT_EQ(background.type(), CV_8UC1);
  EXPECT_EQ(background.at<uchar>(3, 5), 9);
  cv::imwrite(options.file, cv::Mat(8, 12, CV_8UC3, cv::Scalar::all(11)));
  const cv::Mat shrunk = model_of(images, options).background;
  EXPECT_EQ(shrunk.size(), images[0].size());
  EXPECT_EQ(shrunk.at<uchar>(3, 5), 11);
  cv::imwrite(options.file, cv::Mat(2, 3, CV_8UC3, cv::Scalar::all(9)));
  expect_error(ExitCode::kInput, {"3 x 2", "6 x 4"}, [&] { model_of(images, options); });
}

TEST(ModelScene, NeedsAFrame) {
  for (const auto method : {BackgroundMethod::kSettled, BackgroundMethod::kMedian,
                            BackgroundMethod::kFirst, BackgroundMethod::kFile}) {
    BackgroundOptions options;
    options.method = method;
    expect_error(ExitCode::kInput, {"'images' has no readable frame"},
                 [&] { model_of({}, options); });
  }
}

TEST(ModelScene, ChangesOfExposureAreNoNoiseAndLeaveNoSeamInTheBackground) {
  cv::Mat scene(48, 64, CV_8UC1);
  cv::RNG(3).fill(scene, cv::RNG::UNIFORM, 60, 180);
  const cv::Rect object(8, 8, 24, 24);
  std::vector<cv::Mat> images;  // an object comes to stay, and the camera stops down
  for (int i = 0; i < 12; ++i) images.push_back(scene * (i < 5 ? 1.0 : 0.85));
  for (int i = 5; i < 12; ++i) images[static_cast<size_t>(i)](object) = 230;
  const auto noise_and_error = [&](bool follow) {
    BackgroundOptions options;
    options.follow_exposure = follow;
    const SceneState model = model_of(images, options);
    const double gain = follow ? exposure_gain(model.background, scene) : 1.0;
    cv::Mat error;
    cv::absdiff(model.background, scene * gain, error);
    return std::pair(cv::mean(model.scale)[0] * 255.0, cv::mean(error)[0]);
  };
  const auto [noise, error] = noise_and_error(true);
  EXPECT_LT(noise, 12.0);
  EXPECT_LT(error, 2.0);
  EXPECT_GT(noise_and_error(false).second, 10.0);
}

TEST(ModelScene, ScaleIsTheNoisePlusAFloorBetweenItAndTheContrast) {
  std::vector<cv::Mat> images;  // noise of 4 grey levels everywhere, an object of 100 in one place
  for (int i = 0; i < 40; ++i) images.emplace_back(48, 64, CV_8UC1, cv::Scalar(i % 2 ? 100 : 104));
  for (size_t i = 0; i < 40; i += 8) images[i](cv::Rect(8, 8, 24, 24)) = 204;
  const auto scale_of = [](const std::vector<cv::Mat>& frames, double noise_floor) {
    BackgroundOptions options;
    options.noise_floor = noise_floor;
    options.follow_exposure = false;
    const cv::Mat scale = model_of(frames, options).scale;
    EXPECT_EQ(scale.type(), CV_32FC1);
    return scale.at<float>(40, 56) * 255.0;
  };
  EXPECT_NEAR(scale_of(images, 1.0), 4.0 + 0.8 * std::sqrt(4.0 * 100.0), 0.5);
  EXPECT_NEAR(scale_of(images, 10.0 / 255.0), 4.0 + 10.0, 1e-3);
}

TEST(ModelScene, ScaleFollowsTheContrastOfTheScene) {
  const auto scale_at_contrast = [](double contrast) {
    auto images = StandingObject{.type = CV_8UC1, .standing = 10, .noise = 5.0}.images();
    for (cv::Mat& image : images) image.convertTo(image, CV_8U, contrast, 100.0 * (1.0 - contrast));
    BackgroundOptions options;
    options.noise_floor = 1.0;
    return cv::mean(model_of(images, options).scale)[0];
  };
  const double whole = scale_at_contrast(1.0);
  EXPECT_NEAR(scale_at_contrast(0.5) / whole, 0.5, 0.1);
  EXPECT_NEAR(scale_at_contrast(0.25) / whole, 0.25, 0.1);
}

TEST(ModelScene, SeesFramesFullOfNoiseThroughAGaussian) {
  StandingObject scene{.standing = 6, .noise = 16.0};
  const auto images = scene.images();
  const SceneState state = model_of(images);
  EXPECT_GT(state.smoothing, 0.0);
  const cv::Mat truth = scene.background(), seen = view_of(images[0], state).at(truth.size());
  EXPECT_LT(mean_difference(seen, truth), 0.5 * mean_difference(images[0], truth));
  scene.noise = 3.0;
  EXPECT_EQ(model_of(scene.images()).smoothing, 0.0);
}

TEST(ModelScene, LeavesOutAStandingObjectThroughAGaussianToo) {
  const StandingObject scene{.noise = 16.0};
  const SceneState state = model_of(scene.images());
  ASSERT_GT(state.smoothing, 0.0);
  EXPECT_LT(mean_difference(state.background(scene.place), scene.background()(scene.place)), 8.0);
}

// What stays of the state can be smoothed, too, but not made sharp again.
TEST(ModelScene, WhatIsLearnedAgainIsSmoothedAsBeforeOrOnceItHelps) {
  StandingObject scene{.standing = 6, .noise = 16.0};
  const auto noisy = scene.images();
  scene.noise = 3.0;
  const auto quiet = scene.images();
  const std::vector<cv::Mat> covered(noisy.size(), cv::Mat::zeros(scene.size, CV_8U));
  const SceneState sharp = model_of(quiet), smooth = model_of(noisy);
  ASSERT_GT(smooth.smoothing, sharp.smoothing);
  EXPECT_EQ(model_state_again(quiet, covered, sharp, {}).smoothing, sharp.smoothing);
  EXPECT_EQ(model_state_again(noisy, covered, sharp, {}).smoothing, smooth.smoothing);
  EXPECT_EQ(model_state_again(quiet, covered, smooth, {}).smoothing, smooth.smoothing);
  EXPECT_EQ(model_state_again(noisy, {}, sharp, {}).smoothing, smooth.smoothing);
}

// Each place of the image a pixel or so off its own.
cv::Mat in_hot_air(const cv::Mat& image, cv::RNG& random) {
  cv::Mat noise(image.size(), CV_32FC2), places(image.size(), CV_32FC2), moved;
  random.fill(noise, cv::RNG::NORMAL, 0, 1);
  cv::GaussianBlur(noise, noise, {}, 9.0);
  noise *= 36.0;
  for (int y = 0; y < image.rows; ++y) {
    for (int x = 0; x < image.cols; ++x) {
      places.at<cv::Vec2f>(y, x) = noise.at<cv::Vec2f>(y, x) + cv::Vec2f(float(x), float(y));
    }
  }
  cv::remap(image, moved, places, {}, cv::INTER_LINEAR, cv::BORDER_REPLICATE);
  return moved;
}

TEST(ModelScene, SeesThroughHotAir) {
  cv::Mat cells(15, 20, CV_8UC3), room;
  cv::RNG(7).fill(cells, cv::RNG::UNIFORM, 30, 190);
  cv::resize(cells, room, {160, 120}, 0, 0, cv::INTER_NEAREST);
  cv::RNG random(8);
  std::vector<cv::Mat> still, images;
  for (int i = 0; i < 40; ++i) {
    still.push_back(room.clone());
    if (i % 4 == 0) still.back()(cv::Rect(20 + 2 * i, 40, 24, 32)).setTo(cv::Scalar::all(250));
    images.push_back(in_hot_air(still.back(), random));
  }
  const SceneState calm = model_of(still), state = model_of(images);
  EXPECT_EQ(calm.turbulence, 0);
  EXPECT_EQ(state.turbulence, 2);
  const std::vector<cv::Mat> covered(images.size(), cv::Mat::zeros(room.size(), CV_8U));
  EXPECT_EQ(model_state_again(images, covered, state, {}).turbulence, 2);
  EXPECT_EQ(model_state_again(images, covered, calm, {}).turbulence, 0);
  const cv::Mat seen = view_of(images[1] * 0.8, state).at(room.size());
  EXPECT_LT(mean_difference(seen, state.background * 0.8), 2.0);
  EXPECT_GT(mean_difference(images[1], state.background), 5.0);
  const cv::Rect inside(24, 44, 16, 24);
  EXPECT_GT(
      mean_difference(view_of(images[0], state).at(room.size())(inside), state.background(inside)),
      50.0);
}

// As waves are, and leaves.
TEST(ModelScene, LeavesNoiseThatNoGaussianTakesAway) {
  const StandingObject scene{.standing = 6};
  auto images = scene.images();
  cv::RNG random(5);
  for (cv::Mat& image : images) {
    cv::Mat cells(10, 14, CV_16SC3), waves;
    random.fill(cells, cv::RNG::NORMAL, 0, 16);
    cv::resize(cells, waves, scene.size, 0, 0, cv::INTER_NEAREST);
    cv::add(image, waves, image, {}, CV_8U);
  }
  EXPECT_EQ(model_of(images).smoothing, 0.0);
}

TEST(ModelScene, HasNoScaleWhereTheFloorIsZero) {
  BackgroundOptions options;
  options.noise_floor = 0.0;
  EXPECT_TRUE(model_of(two_halves(), options).scale.empty());
}

TEST(ModelScene, ScaleCountsTheNoiseOfTheBackgroundNotOfObjects) {
  const StandingObject scene{.type = CV_8UC1, .standing = 10};
  auto images = scene.images();
  const cv::Rect flickering(0, 80, 60, 40);
  for (size_t i = 0; i < images.size(); i += 2) images[i](flickering) += cv::Scalar(12);
  const cv::Mat scale = model_of(images).scale * 255;
  const double quiet = cv::mean(scale(cv::Rect(100, 0, 60, 30)))[0];
  EXPECT_NEAR(cv::mean(scale(scene.place))[0], quiet, 1.0);
  EXPECT_GT(cv::mean(scale(cv::Rect(10, 90, 40, 25)))[0], quiet + 6);
}

TEST(ModelScene, HasAStateForEachPresetOfACamera) {
  const StandingObject scene;
  auto images = scene.images();
  cv::Mat elsewhere;
  for (size_t i = 0; i < images.size(); i += 3) {
    cv::flip(~images[i], elsewhere, -1);
    images[i] = elsewhere.clone();
  }
  BackgroundOptions options;
  const SceneModel model = model_scene(images, options);
  ASSERT_EQ(model.states.size(), 2U);
  cv::flip(~scene.background(), elsewhere, -1);
  EXPECT_LT(largest_difference(model.states[0].background, scene.background()), 12);
  EXPECT_LT(largest_difference(model.states[1].background, elsewhere), 12);
  EXPECT_EQ(model.state_of(images[0]), 1U);
  EXPECT_EQ(model.state_of(images[1]), 0U);
  options.method = BackgroundMethod::kMedian;
  EXPECT_EQ(model_scene(images, options).states.size(), 1U);
}

// The sun through blinds: neither a smooth field of light nor a movement explains it, although its
// corners can be tracked.
TEST(ModelScene, HasAStateForEachLightThatNothingElseExplains) {
  std::vector<cv::Mat> images;
  for (int i = 0; i < 40; ++i) {
    images.push_back(textured({200, 150}));
    for (int x = 0; x < 200 && i % 2 == 0; ++x) images.back().col(x) *= x / 4 % 2 == 0 ? 0.7 : 1.0;
  }
  const SceneModel model = model_scene(images, {});
  ASSERT_EQ(model.states.size(), 2U);
  for (size_t i = 0; i < 2; ++i) {
    const cv::Mat& background = model.states[model.state_of(images[i])].background;
    EXPECT_EQ(largest_difference(background, images[i]), 0);
  }
}

cv::Mat by_night(const cv::Mat& day) {
  cv::Mat gray, night;
  cv::cvtColor(day, gray, cv::COLOR_BGR2GRAY);
  cv::cvtColor(gray * 0.6, night, cv::COLOR_GRAY2BGR);
  return night;
}

// 28 images of a day and 12 of a night in which something bright is at the place; by day as well, in four of
// them.
std::vector<cv::Mat> day_and_night(const cv::Mat& day, const cv::Rect& place, bool is_seen_by_day) {
  const cv::Mat night = by_night(day);
  std::vector<cv::Mat> images;
  for (int i = 0; i < 40; ++i) {
    images.push_back((i < 28 ? day : night).clone());
    if (i >= 28 || (is_seen_by_day && i % 7 == 3)) images.back()(place).setTo(cv::Scalar::all(250));
  }
  return images;
}

TEST(ModelScene, TakesOutWhoStandsThereAllNight) {
  const cv::Rect place(120, 50, 30, 60);
  const cv::Mat day = furnished_room({200, 150}, 1);
  const SceneModel model = model_scene(day_and_night(day, place, /*is_seen_by_day=*/true), {});
  ASSERT_EQ(model.states.size(), 2U);
  EXPECT_LT(mean_difference(model.states[1].background(place), by_night(day)(place)), 12.0);
}

TEST(ModelScene, LeavesALampThatShinesAllNight) {
  const auto images = day_and_night(furnished_room({200, 150}, 1), {120, 50, 30, 60},
                                    /*is_seen_by_day=*/false);
  const SceneModel model = model_scene(images, {});
  ASSERT_EQ(model.states.size(), 2U);
  EXPECT_EQ(largest_difference(model.states[1].background, images.back()), 0);
}

// Where a lamp saturates the picture no factor brings back what was there.
TEST(ModelScene, HasAStateForALampThatSaturates) {
  for (const double factor : {1.5, 4.0}) {
    std::vector<cv::Mat> images;
    for (int i = 0; i < 40; ++i) {
      images.push_back(textured({200, 150}));
      if (i >= 20) images.back().colRange(60, 200) *= factor;
    }
    EXPECT_EQ(model_scene(images, {}).states.size(), factor > 2.0 ? 2U : 1U) << factor;
  }
}

TEST(ModelScene, ACameraThatWasKnockedShowsOneState) {
  const cv::Mat world = textured({240, 180});
  std::vector<cv::Mat> images;
  for (int i = 0; i < 40; ++i) {
    images.push_back(world(cv::Rect(i < 22 ? 10 : 18, i < 22 ? 10 : 14, 200, 150)).clone());
  }
  EXPECT_EQ(group_by_state(images).size(), 2U);
  EXPECT_EQ(model_scene(images, {}).states.size(), 1U);
}

TEST(ModelScene, KnowsWhatAShakingCameraShowsBeyondItsReference) {
  const auto images = seen_by_a_shaking_camera();
  const SceneState state = model_of(images);
  ASSERT_NE(state.alignment, nullptr);
  EXPECT_GE(state.margin.width, 3);
  EXPECT_EQ(state.frame_size(), cv::Size(200, 150));
  EXPECT_EQ(state.scale.size(), state.background.size());
  for (size_t i = 0; i < images.size(); i += 8) {
    const SceneView view = view_of(images[i], state);
    const cv::Mat shown = view.to_frame(view.aligned), expected = view.to_frame(state.background);
    ASSERT_EQ(shown.size(), cv::Size(200, 150));
    for (const cv::Rect border : {cv::Rect(2, 2, 4, 146), cv::Rect(194, 2, 4, 146)}) {
      const double pixels = 3.0 * border.area();
      EXPECT_LT(cv::norm(shown(border), images[i](border), cv::NORM_L1) / pixels, 12.0) << i;
      EXPECT_LT(cv::norm(expected(border), images[i](border), cv::NORM_L1) / pixels, 16.0) << i;
    }
  }
}

TEST(ModelScene, LaysAMovingCameraOntoABackgroundFromAFile) {
  std::vector<cv::Point> corners(40, cv::Point(20, 20));
  cv::RNG random(3);
  for (cv::Point& corner : corners) {
    corner += cv::Point(random.uniform(-6, 7), random.uniform(-6, 7));
  }
  const auto images = seen_at(corners);
  const cv::Mat given = seen_at({{32, 12}})[0];  // no frame, and none is near it
  const TemporaryFolder folder;
  BackgroundOptions options;
  options.method = BackgroundMethod::kFile;
  options.file = folder / "given.png";
  cv::imwrite(options.file, given);
  const SceneState state = model_of(images, options);
  ASSERT_NE(state.alignment, nullptr);
  EXPECT_EQ(cv::norm(state.background, given, cv::NORM_INF), 0.0);
  const cv::Rect middle(24, 24, 150, 100);
  for (const size_t i : {0U, 12U, 39U}) {
    const cv::Mat aligned = view_of(images[i], state).aligned;
    EXPECT_LT(cv::norm(aligned(middle), given(middle), cv::NORM_L1) / (3.0 * middle.area()), 6.0)
        << i;
  }
}

TEST(ModelScene, LeavesOutWhatCannotBeAligned) {
  auto images = seen_by_a_shaking_camera();
  for (const size_t i : {3U, 7U, 24U, 33U}) cv::RNG(i).fill(images[i], cv::RNG::UNIFORM, 0, 255);
  const SceneState state = model_of(images);
  ASSERT_NE(state.alignment, nullptr);
  const cv::Rect middle(20, 20, 160, 110);
  for (const size_t i : {0U, 12U, 39U}) {
    const cv::Mat expected = view_of(images[i], state).to_frame(state.background);
    EXPECT_LT(cv::norm(expected(middle), images[i](middle), cv::NORM_L1) / (3.0 * middle.area()),
              12.0)
        << i;
  }
}

// Its first picture and its last show nothing in common.
TEST(ModelScene, KnowsAllThatACameraThatTurnsShows) {
  const cv::Mat world = textured({480, 150});
  std::vector<cv::Mat> images;
  for (int i = 0; i < 70; ++i) {
    images.push_back(world(cv::Rect(4 * i, 0, 200, 150)).clone());
    images.back()(cv::Rect(150 - 2 * i, 60, 20, 30) & cv::Rect(0, 0, 200, 150)) =
        cv::Scalar(255, 0, 0);
  }
  const SceneModel model = model_scene(images, {});
  ASSERT_EQ(model.states.size(), 1U);
  const SceneState& state = model.states[0];
  ASSERT_NE(state.alignment, nullptr);
  EXPECT_GE(state.margin.width, 115);
  EXPECT_LE(state.margin.height, 2);
  EXPECT_EQ(state.scale.size(), state.background.size());
  for (const size_t i : {5U, 20U, 35U, 50U, 64U}) {
    const SceneView view = view_of(images[i], state);
    const cv::Mat expected = world(cv::Rect(4 * static_cast<int>(i) + 8, 8, 184, 134));
    const cv::Mat seen = view.to_frame(state.background)(cv::Rect(8, 8, 184, 134));
    EXPECT_LT(cv::norm(seen, expected, cv::NORM_L1) / (3.0 * 184 * 134), 8.0) << i;
  }
}

TEST(ViewOf, BringsAFrameIntoTheLightOfTheBackground) {
  const StandingObject scene;
  auto images = scene.images();
  for (size_t i = 0; i < images.size(); i += 2) {
    for (int x = 0; x < 80; ++x) images[i].col(x) *= 1.6;
  }
  BackgroundOptions options;
  const SceneState state = model_of(images, options);
  ASSERT_NE(state.light, nullptr);
  const cv::Rect lit(10, 10, 40, 40);
  for (const size_t i : {10U, 11U}) {
    const cv::Mat image = view_of(images[i], state).at(scene.size);
    EXPECT_LT(cv::norm(image(lit), state.background(lit), cv::NORM_L1) / lit.area() / 3, 6.0) << i;
  }
  EXPECT_EQ(view_of(images[10], state).at({80, 60}).size(), cv::Size(80, 60));
  options.follow_exposure = false;
  EXPECT_EQ(model_of(images, options).light, nullptr);
}

TEST(ViewOf, LeavesTheBackgroundAsItIs) {
  const SceneState state = model_of(seen_by_a_shaking_camera());
  ASSERT_NE(state.margin, cv::Size());
  const cv::Mat before = state.background.clone();
  for (const double gain : {0.7, 1.3}) {
    view_of(seen_by_a_shaking_camera()[5] * gain, state);
    EXPECT_EQ(cv::norm(state.background, before, cv::NORM_INF), 0.0) << gain;
  }
}

}  // namespace
}  // namespace proxseg
