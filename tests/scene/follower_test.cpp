#include "proxseg/scene/follower.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <opencv2/imgproc.hpp>
#include <set>

#include "proxseg/core/error.h"
#include "scene/standing_object.h"

namespace proxseg {
namespace {

const cv::Size kCameraSize{160, 120};
constexpr double kCameraFrame = 0.04;  // seconds

// Another one for each seed.
cv::Mat place(uint64_t seed) { return furnished_room(kCameraSize, seed); }

// A camera whose picture the test paints, and a follower that gets the truth as masks.
class Camera {
 public:
  explicit Camera(FollowOptions options = {}, uint64_t seed = 1) : scene(place(seed)) {
    std::vector<cv::Mat> first;
    for (int i = 0; i < 50; ++i) first.push_back(noisy(scene));
    follower_ = std::make_unique<SceneFollower>(first, BackgroundOptions(), options);
  }

  // Shows the scene, with an object in a box if there is one.
  void show(double seconds, const cv::Rect& object = {}) {
    for (int i = 0; i < static_cast<int>(seconds / kCameraFrame); ++i) show_once(object);
  }

  void show_once(const cv::Rect& object = {}) {
    cv::Mat image = noisy(scene), mask = cv::Mat::zeros(kCameraSize, CV_8U);
    if (!object.empty()) {
      const cv::Rect seen = object & cv::Rect({}, kCameraSize);
      image(seen).setTo(cv::Scalar(230, 20, 210));
      mask(seen) = 255;
    }
    give(image, mask);
  }

  void give(const cv::Mat& image, const cv::Mat& mask) {
    now += kCameraFrame;
    follower_->look(image, now);
    follower_->learn(mask);
    uncertain += follower_->is_certain() ? 0.0 : kCameraFrame;
    for (const SceneEvent& event : follower_->take_events()) events.push_back(event);
  }

  bool has(const std::string& kind) const {
    return std::ranges::any_of(events, [&](const SceneEvent& e) { return e.kind == kind; });
  }

  // Of the background from what the camera shows now, in its light: at most so many grey levels in
  // nine of ten pixels.
  double error(const cv::Rect& where = {{}, kCameraSize}) const {
    cv::Mat difference, gray;
    const SceneState& known = follower_->scene();
    const cv::Mat shown = view_of(scene, known).at(kCameraSize);
    cv::absdiff(known.background(where), shown(where), difference);
    cv::cvtColor(difference, gray, cv::COLOR_BGR2GRAY);
    std::vector<uchar> values(gray.begin<uchar>(), gray.end<uchar>());
    std::ranges::sort(values);
    return values[values.size() * 9 / 10];
  }

  SceneFollower& follower() { return *follower_; }

  cv::Mat noisy(const cv::Mat& image) {
    cv::Mat noise(image.size(), CV_16SC3), sum;
    random_.fill(noise, cv::RNG::NORMAL, 0, 2);
    cv::add(image, noise, sum, {}, CV_8UC3);
    return sum;
  }

  cv::Mat scene;
  double now = 0.0, uncertain = 0.0;
  std::vector<SceneEvent> events;

 private:
  cv::RNG random_{5};
  std::unique_ptr<SceneFollower> follower_;
};

TEST(SceneFollower, NothingHappensBeforeACameraThatStandsStill) {
  Camera camera;
  for (int i = 0; i < 200; ++i) camera.show_once({2 * i - 40, 60, 24, 30});
  camera.show(4.0);
  EXPECT_TRUE(camera.events.empty()) << camera.events.front().kind;
  EXPECT_EQ(camera.uncertain, 0.0);
  EXPECT_TRUE(camera.follower().shows_nothing());
  EXPECT_LE(camera.error(), 3.0);
}

TEST(SceneFollower, AnotherPlaceIsLearnedAndTheFirstOneKnownAgain) {
  Camera camera;
  camera.show(4.0);
  const cv::Mat first = camera.scene;
  camera.scene = place(2);
  camera.show(0.6);
  EXPECT_FALSE(camera.follower().knows_scene());
  camera.show(3.4);
  EXPECT_TRUE(camera.follower().knows_scene());
  EXPECT_TRUE(camera.has("changed"));
  EXPECT_TRUE(camera.has("relearned"));
  EXPECT_FALSE(camera.has("returned"));
  EXPECT_LE(camera.error(), 4.0);
  EXPECT_GT(camera.uncertain, 0.5);
  EXPECT_LT(camera.uncertain, 2.5);
  EXPECT_TRUE(camera.follower().is_certain());
  camera.events.clear();
  camera.uncertain = 0.0;
  camera.scene = first;
  camera.show(2.0);
  EXPECT_TRUE(camera.has("returned"));
  EXPECT_FALSE(camera.has("relearned"));
  EXPECT_LE(camera.uncertain, 0.1);
  EXPECT_LE(camera.error(), 4.0);
}

TEST(SceneFollower, AKnockIsToldFromATurn) {
  Camera camera;
  camera.show(3.0);
  const cv::Mat shift = (cv::Mat_<double>(2, 3) << 1, 0, 7, 0, 1, 4);
  cv::Mat moved;
  cv::warpAffine(camera.scene, moved, shift, kCameraSize, cv::INTER_LINEAR, cv::BORDER_REFLECT);
  camera.scene = moved;
  camera.show(4.0);
  EXPECT_TRUE(camera.has("knock"));
  EXPECT_TRUE(camera.has("relearned"));
  EXPECT_LE(camera.error(), 4.0);
}

TEST(SceneFollower, NightVisionIsLight) {
  Camera camera;
  camera.show(3.0);
  cv::Mat gray;
  cv::cvtColor(place(3), gray, cv::COLOR_BGR2GRAY);
  cv::cvtColor(gray, camera.scene, cv::COLOR_GRAY2BGR);
  camera.show(3.0);
  ASSERT_FALSE(camera.events.empty());
  EXPECT_EQ(camera.events.front().kind, "light");
  EXPECT_EQ(camera.events.front().reason, "colours are gone");
  EXPECT_TRUE(camera.follower().is_certain());
}

// The place in the light of a lamp, or in the shadow of a cloud, around a column.
cv::Mat lit_at(const cv::Mat& image, double column, double strength) {
  cv::Mat lit = image.clone();
  lit.forEach<cv::Vec3b>([&](cv::Vec3b& pixel, const int* at) {
    const double dx = (at[1] - column) / 30.0, dy = (at[0] - 40) / 30.0;
    const double factor = 1.0 + strength * std::exp(-dx * dx - dy * dy);
    for (int c = 0; c < 3; ++c) pixel[c] = cv::saturate_cast<uchar>(pixel[c] * factor);
  });
  return lit;
}

TEST(SceneFollower, ALampInAPartOfThePictureChangesTheLightAtOnce) {
  Camera camera;
  camera.show(12.0);
  const cv::Rect lit(20, 20, 40, 40);
  camera.scene = lit_at(camera.scene, 40.0, 0.7);
  EXPECT_GT(camera.error(lit), 30.0);
  camera.show(0.2);
  EXPECT_TRUE(camera.has("light"));
  EXPECT_LE(camera.error(), 5.0);
  camera.show(4.0);
  EXPECT_FALSE(camera.has("relearned"));
  EXPECT_LE(camera.error(), 5.0);
  EXPECT_EQ(camera.uncertain, 0.0);
}

TEST(SceneFollower, ACloudThatWandersIsLightAndAnObjectInItIsNot) {
  Camera camera;
  camera.show(12.0);
  const cv::Mat clear = camera.scene;
  const cv::Rect object(60, 70, 24, 30);
  for (int x = -60; x < 220; ++x) {
    camera.scene = lit_at(clear, x, -0.5);
    camera.show_once(object);
    ASSERT_LE(camera.error(), 10.0) << x;
    ASSERT_LT(camera.follower().unexplained(), 0.1) << x;
    ASSERT_GT(camera.follower().unexplained(), 0.01) << x;
  }
  EXPECT_EQ(std::ranges::count(camera.events, std::string("light"), &SceneEvent::kind), 1);
  EXPECT_FALSE(camera.has("relearned"));
  EXPECT_EQ(camera.uncertain, 0.0);
}

TEST(SceneFollower, AnObjectAtRestBecomesBackgroundInTimeOrNever) {
  const cv::Rect stop(60, 50, 30, 40);
  for (const bool absorbs : {true, false}) {
    FollowOptions options;
    options.absorb.reset();
    if (absorbs) options.absorb = 10.0;
    Camera camera(options);
    camera.show(10.0);
    for (int x = -30; x < 60; x += 2) camera.show_once({x, 50, 30, 40});
    camera.show(7.0, stop);
    EXPECT_FALSE(camera.has("absorbed"));
    EXPECT_LE(camera.error(stop), 4.0) << "it was learned too early";
    camera.show(10.0, stop);
    EXPECT_EQ(camera.has("absorbed"), absorbs);
    EXPECT_EQ(camera.error(stop) > 40.0, absorbs) << "the object is background, or not";
  }
}

// Its background is larger than a frame.
TEST(SceneFollower, AnObjectComesToRestBeforeACameraThatShakes) {
  constexpr int kShake = 5;  // pixels
  const cv::Rect stop(60, 50, 30, 40);
  cv::Mat cells(19, 25, CV_8UC3), wide;
  cv::RNG(3).fill(cells, cv::RNG::UNIFORM, 40, 160);
  cv::resize(cells, wide, cells.size() * 8, 0, 0, cv::INTER_NEAREST);
  cv::RNG random(7);
  const auto shaken = [&](const cv::Mat& scene) {
    const cv::Point corner(random.uniform(0, 2 * kShake), random.uniform(0, 2 * kShake));
    return scene(cv::Rect(corner, kCameraSize)).clone();
  };
  std::vector<cv::Mat> first;
  for (int i = 0; i < 50; ++i) first.push_back(shaken(wide));
  FollowOptions options;
  options.absorb = 3.0;
  SceneFollower follower(first, BackgroundOptions(), options);
  ASSERT_GT(follower.scene().margin.width, 0);
  const cv::Rect there = stop + cv::Point(kShake, kShake);
  cv::Mat occupied = wide.clone(), covered = cv::Mat::zeros(kCameraSize, CV_8U);
  occupied(there).setTo(cv::Scalar(230, 20, 210));
  covered(stop) = 255;
  cv::Rect absorbed;
  for (int i = 0; i < 300 && absorbed.empty(); ++i) {
    const bool is_there = i > 50;
    follower.look(shaken(is_there ? occupied : wide), 2.0 + i * kCameraFrame);
    follower.learn(is_there ? covered : cv::Mat::zeros(kCameraSize, CV_8U));
    for (const SceneEvent& event : follower.take_events()) {
      if (event.kind == "absorbed") absorbed = event.box;
    }
  }
  const double common = (absorbed & stop).area();
  EXPECT_GT(common / (absorbed | stop).area(), 0.5) << absorbed;
}

TEST(SceneFollower, WhatSomebodyCallsBackgroundBecomesBackground) {
  const cv::Rect stop(60, 50, 30, 40);
  for (const cv::Rect& box : {cv::Rect(), cv::Rect(56, 46, 38, 48), cv::Rect(0, 0, 40, 40)}) {
    FollowOptions options;
    options.absorb.reset();
    Camera camera(options);
    camera.show(10.0);
    camera.show(4.0, stop);
    EXPECT_LE(camera.error(stop), 4.0);
    camera.follower().accept(box);
    camera.show(2.0, stop);
    EXPECT_TRUE(camera.has("accepted"));
    const bool holds_it = box.empty() || box.contains(stop.tl());
    EXPECT_EQ(camera.error(stop) > 40.0, holds_it) << box;
    EXPECT_EQ(camera.follower().shows_nothing(), holds_it) << box;
    EXPECT_EQ(camera.uncertain, 0.0);
  }
}

TEST(SceneFollower, NothingIsAcceptedWhereNothingRestsAndABoxMayLieAnywhere) {
  Camera camera;
  camera.follower().accept({});
  camera.show(4.0);
  camera.follower().accept({});
  for (const cv::Rect& box :
       {cv::Rect(-50, -50, 20, 20), cv::Rect(500, 500, 9, 9), {-5, -5, 999, 999}})
    camera.follower().accept(box);
  camera.show(2.0);
  EXPECT_TRUE(camera.follower().shows_nothing());
  EXPECT_LE(camera.error(), 4.0);
}

TEST(SceneFollower, LearnsAnewWhenAsked) {
  FollowOptions options;
  options.absorb.reset();
  Camera camera(options);
  const cv::Rect stop(60, 50, 30, 40);
  camera.show(4.0);
  camera.show(4.0, stop);
  camera.follower().relearn();
  EXPECT_FALSE(camera.follower().is_certain());
  EXPECT_FALSE(camera.follower().knows_scene());
  camera.show(3.0, stop);
  EXPECT_TRUE(camera.has("relearn"));
  EXPECT_TRUE(camera.has("relearned"));
  EXPECT_FALSE(camera.has("returned"));
  EXPECT_TRUE(camera.follower().is_certain());
  EXPECT_TRUE(camera.follower().shows_nothing());
}

TEST(SceneFollower, WhatWasBackgroundAndLeavesIsNoGhost) {
  Camera camera;
  const cv::Rect gone(70, 40, 40, 40);
  const cv::Mat empty = camera.scene.clone();
  cv::Mat with = camera.scene.clone();
  with(gone).setTo(cv::Scalar(230, 20, 210));
  std::vector<cv::Mat> first;
  for (int i = 0; i < 50; ++i) first.push_back(camera.noisy(with));
  SceneFollower follower(first, {}, {});
  double now = 0.0;
  std::set<std::string> kinds;
  const auto show = [&](const cv::Mat& image, const cv::Mat& mask, int frames) {
    for (int i = 0; i < frames; ++i) {
      follower.look(camera.noisy(image), now += kCameraFrame);
      follower.learn(mask);
      for (const SceneEvent& event : follower.take_events()) kinds.insert(event.kind);
    }
  };
  cv::Mat mask = cv::Mat::zeros(kCameraSize, CV_8U);
  show(with, mask, 300);
  EXPECT_TRUE(kinds.empty());
  mask(gone) = 255;  // as a network says, to which the place looks other than its background
  show(empty, mask, 150);
  EXPECT_TRUE(kinds.contains("left"));
  EXPECT_LE(cv::norm(follower.scene().background(gone), empty(gone), cv::NORM_INF), 12.0);
}

TEST(SceneFollower, BrokenAndFrozenPicturesAreLeftOut) {
  Camera camera;
  camera.show(3.0);
  cv::Mat smeared = camera.noisy(camera.scene);
  for (int y = 60; y < kCameraSize.height; ++y) smeared.row(59).copyTo(smeared.row(y));
  camera.give(smeared, cv::Mat::zeros(kCameraSize, CV_8U));
  EXPECT_FALSE(camera.follower().is_certain());
  EXPECT_NEAR(camera.follower().whole_rows(), 60, 1);
  camera.show(1.0);
  EXPECT_EQ(camera.follower().whole_rows(), kCameraSize.height);
  EXPECT_TRUE(camera.has("damaged"));
  EXPECT_TRUE(camera.has("repaired"));
  EXPECT_TRUE(camera.follower().is_certain());
  const cv::Mat same = camera.noisy(camera.scene);
  for (int i = 0; i < 100; ++i) camera.give(same, cv::Mat::zeros(kCameraSize, CV_8U));
  EXPECT_TRUE(camera.has("frozen"));
  EXPECT_FALSE(camera.follower().is_certain());
  camera.show(0.2);
  EXPECT_TRUE(camera.has("thawed"));
}

TEST(SceneFollower, TheSameFramesGiveTheSameScenes) {
  const auto backgrounds = [] {
    Camera camera;
    camera.show(6.0, {20, 20, 30, 30});
    camera.scene = place(2);
    camera.show(3.0);
    return camera.follower().scene().background.clone();
  };
  EXPECT_EQ(cv::norm(backgrounds(), backgrounds(), cv::NORM_INF), 0.0);
}

TEST(SceneFollower, LearnsBesideToo) {
  FollowOptions options;
  options.beside = true;
  Camera camera(options);
  camera.show(2.0);
  camera.scene = place(2);
  for (int i = 0; i < 20000 && !camera.has("relearned"); ++i) camera.show_once();
  EXPECT_TRUE(camera.has("relearned"));
  EXPECT_LE(camera.error(), 4.0);
}

TEST(SceneFollower, RefusesWhatItCannotFollow) {
  EXPECT_THROW(SceneFollower(std::vector<cv::Mat>(), {}, {}), UsageError);
  EXPECT_THROW(SceneFollower({place(1)}, {}, {.samples = 1}), UsageError);
}

}  // namespace
}  // namespace proxseg
