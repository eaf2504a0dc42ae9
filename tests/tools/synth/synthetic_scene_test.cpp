#include "proxseg/tools/synth.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <opencv2/imgproc.hpp>
#include <set>

#include "proxseg/core/error.h"
#include "proxseg/media/cdnet.h"

namespace proxseg {
namespace {

using ::testing::HasSubstr;

bool same(const cv::Mat& a, const cv::Mat& b) {
  return a.type() == b.type() && a.size() == b.size() && cv::norm(a, b, cv::NORM_INF) == 0.0;
}

// Nothing but objects before a still background.
SynthOptions plain() {
  SynthOptions options;
  options.frames = 60;
  options.noise = 0.0;
  options.drift = 0.0;
  return options;
}

// Largest difference over the channels. 8UC1.
cv::Mat difference(const cv::Mat& a, const cv::Mat& b) {
  cv::Mat channels;
  cv::absdiff(a, b, channels);
  cv::Mat largest;
  cv::reduce(channels.reshape(1, static_cast<int>(a.total())), largest, 1, cv::REDUCE_MAX);
  return largest.reshape(1, a.rows);
}

TEST(SynthScene, GroundTruthIsExact) {
  const SynthScene scene(plain());
  const cv::Mat background = scene.background();
  int motion = 0;
  int seen = 0;
  for (int64_t i = 0; i < 60; i += 7) {
    const SynthFrame frame = scene.frame(i);
    const cv::Mat changed = difference(frame.image, background);
    // A static pixel holds less than 5 % of an object.
    EXPECT_EQ(cv::countNonZero((frame.labels == label::kStatic) & (changed > 12)), 0) << i;
    motion += cv::countNonZero(frame.labels == label::kMoving);
    seen += cv::countNonZero((frame.labels == label::kMoving) & (changed > 5));
  }
  EXPECT_GT(motion, 1000);
  EXPECT_GT(seen, 0.9 * motion);
}

TEST(SynthScene, EveryMovingPixelIsThatOfAnObject) {
  const SynthScene scene(plain());
  std::set<int> ids;
  for (int64_t i = 0; i < 60; i += 3) {
    const SynthFrame frame = scene.frame(i);
    EXPECT_EQ(cv::countNonZero((frame.labels == label::kMoving) & (frame.objects == 0)), 0) << i;
    EXPECT_EQ(cv::countNonZero((frame.labels == label::kStatic) & (frame.objects != 0)), 0) << i;
    ids.insert(frame.objects.begin<int>(), frame.objects.end<int>());
  }
  EXPECT_GT(ids.size(), 3U);
}

// From frame to frame an object moves by less than its length.
TEST(SynthScene, ObjectsKeepTheirIds) {
  const SynthScene scene(plain());
  cv::Mat before = scene.frame(0).objects;
  for (int64_t i = 1; i < 60; ++i) {
    const cv::Mat now = scene.frame(i).objects;
    for (int id = 1; id < 20; ++id) {
      const cv::Mat there = before == id, here = now == id;
      if (cv::countNonZero(there) < 60 || cv::countNonZero(here) < 60) continue;
      EXPECT_GT(cv::countNonZero(there & here), 0) << "object " << id << ", frame " << i;
    }
    before = now;
  }
}

TEST(SynthScene, UsesTheLabelsOfCdnet) {
  SynthOptions options = plain();
  options.shadows = true;
  const SynthScene scene(options);
  std::set<int> labels;
  for (int64_t i = 0; i < 60; i += 10) {
    const cv::Mat image = scene.frame(i).labels;
    labels.insert(image.begin<uchar>(), image.end<uchar>());
  }
  EXPECT_EQ(labels, (std::set<int>{0, 50, 170, 255}));
}

TEST(SynthScene, ShadowsDarkenTheBackgroundAndAreLabelled) {
  SynthOptions options = plain();
  const SynthFrame without = SynthScene(options).frame(20);
  options.shadows = true;
  const SynthScene scene(options);
  const SynthFrame with = scene.frame(20);
  const cv::Mat shadow = with.labels == label::kHardShadow;
  ASSERT_GT(cv::countNonZero(shadow), 50);
  EXPECT_EQ(cv::countNonZero(without.labels == label::kHardShadow), 0);
  const cv::Scalar before = cv::mean(scene.background(), shadow);
  const cv::Scalar after = cv::mean(with.image, shadow);
  for (int channel = 0; channel < 3; ++channel) EXPECT_LT(after[channel], 0.8 * before[channel]);
  EXPECT_TRUE(same(with.labels == label::kMoving, without.labels == label::kMoving));
}

TEST(SynthScene, WithoutObjectsIsItsBackground) {
  SynthOptions options = plain();
  options.objects = 0;
  options.shadows = true;
  const SynthScene scene(options);
  for (const int64_t i : {0, 59}) {
    const SynthFrame frame = scene.frame(i);
    EXPECT_EQ(cv::countNonZero(frame.labels), 0);
    EXPECT_LE(cv::norm(frame.image, scene.background(), cv::NORM_INF), 1.0);
  }
}

TEST(SynthScene, NoiseHasTheStandardDeviationAskedFor) {
  SynthOptions options = plain();
  options.objects = 0;
  options.noise = 5.0;
  const SynthScene scene(options);
  cv::Mat residual;
  cv::subtract(scene.frame(3).image, scene.background(), residual, cv::noArray(), CV_64F);
  const cv::Mat pavement = residual.rowRange(108, 120).clone().reshape(1);
  cv::Scalar mean;
  cv::Scalar deviation;
  cv::meanStdDev(pavement, mean, deviation);
  EXPECT_NEAR(mean[0], 0.0, 0.3);
  EXPECT_NEAR(deviation[0], 5.0, 0.3);
}

TEST(SynthScene, DriftChangesTheLightWithinItsAmplitude) {
  SynthOptions options = plain();
  options.objects = 0;
  options.drift = 0.1;
  const SynthScene scene(options);
  const double still = cv::mean(scene.background())[1];
  double lowest = 2.0;
  double highest = 0.0;
  for (int64_t i = 0; i < 60; ++i) {
    const double gain = cv::mean(scene.frame(i).image)[1] / still;
    lowest = std::min(lowest, gain);
    highest = std::max(highest, gain);
  }
  EXPECT_GE(lowest, 0.895);
  EXPECT_LE(highest, 1.105);
  EXPECT_GT(highest - lowest, 0.05);
}

TEST(SynthScene, WavingMovesTheTreesAlone) {
  SynthOptions options = plain();
  options.objects = 0;
  options.waving = true;
  const SynthScene scene(options);
  const cv::Mat changed = difference(scene.frame(5).image, scene.background()) > 8;
  EXPECT_GT(cv::countNonZero(changed), 200);
  EXPECT_EQ(cv::countNonZero(changed.rowRange(66, 120)), 0);  // the road and below
  EXPECT_EQ(cv::countNonZero(scene.frame(5).labels), 0);
}

TEST(SynthScene, ShakeMovesFramesAndLabelsTogether) {
  SynthOptions options = plain();
  const SynthScene still(options);
  options.shake = 4.0;
  const SynthScene shaken(options);
  for (const int64_t i : {10, 33}) {
    const auto center = [](const cv::Mat& labels) {
      const cv::Moments m = cv::moments(labels(cv::Rect(20, 20, 120, 80)) == label::kMoving, true);
      return cv::Point2d(m.m10 / m.m00, m.m01 / m.m00);
    };
    cv::Mat a;
    cv::Mat b;
    cv::cvtColor(still.frame(i).image, a, cv::COLOR_BGR2GRAY);
    cv::cvtColor(shaken.frame(i).image, b, cv::COLOR_BGR2GRAY);
    a.convertTo(a, CV_64F);
    b.convertTo(b, CV_64F);
    const cv::Point2d shift = cv::phaseCorrelate(a, b);
    EXPECT_LE(std::abs(shift.x), 4.5);
    EXPECT_LE(std::abs(shift.y), 4.5);
    EXPECT_GT(cv::norm(shift), 0.5);
    const cv::Point2d moved = center(shaken.frame(i).labels) - center(still.frame(i).labels);
    EXPECT_NEAR(moved.x, shift.x, 1.5);
    EXPECT_NEAR(moved.y, shift.y, 1.5);
  }
}

TEST(SynthScene, AStoppingCarStandsStillForTwoFifths) {
  SynthOptions options = plain();
  options.frames = 200;
  options.objects = 1;
  options.stopping = true;
  const SynthScene scene(options);
  int still = 0;
  for (int64_t i = 1; i < 200; ++i) {
    const SynthFrame frame = scene.frame(i);
    const bool there = cv::countNonZero(frame.labels) > 0;
    still += there && same(frame.labels, scene.frame(i - 1).labels) ? 1 : 0;
  }
  EXPECT_NEAR(still, 80, 2);
}

TEST(SynthScene, IsDecidedByItsSeedAlone) {
  SynthOptions options;
  options.shadows = options.waving = true;
  options.shake = 1.0;
  const SynthScene first(options);
  const SynthScene second(options);
  const SynthFrame late = first.frame(70);
  EXPECT_TRUE(same(first.frame(4).image, second.frame(4).image));
  EXPECT_TRUE(same(second.frame(70).image, late.image));
  EXPECT_TRUE(same(second.frame(70).labels, late.labels));
  options.noise = 9.0;
  options.drift = 0.2;
  options.waving = false;
  EXPECT_TRUE(same(SynthScene(options).frame(70).labels, late.labels));
  options.seed = 2;
  EXPECT_FALSE(same(SynthScene(options).frame(70).labels, late.labels));
}

TEST(SynthScene, ScalesWithTheFrame) {
  SynthOptions options = plain();
  options.frames = 1;
  const double small = cv::countNonZero(SynthScene(options).frame(0).labels == label::kMoving);
  options.width = 320;
  options.height = 240;
  const SynthFrame frame = SynthScene(options).frame(0);
  EXPECT_EQ(frame.image.size(), cv::Size(320, 240));
  EXPECT_NEAR(cv::countNonZero(frame.labels == label::kMoving) / (4.0 * small), 1.0, 0.2);
  options.width = 33;
  options.height = 47;
  EXPECT_EQ(SynthScene(options).frame(0).labels.size(), cv::Size(33, 47));
}

TEST(SynthOptionsTest, RefusesEachValueOutOfRange) {
  const auto message = [](auto change) {
    SynthOptions options;
    change(options);
    try {
      check_synth_options(options);
    } catch (const UsageError& error) {
      return std::string(error.what());
    }
    return std::string();
  };
  EXPECT_EQ(message([](SynthOptions&) {}), "");
  EXPECT_THAT(message([](auto& o) { o.frames = 0; }), HasSubstr("frames is 0"));
  EXPECT_THAT(message([](auto& o) { o.width = 31; }), HasSubstr("width is 31"));
  EXPECT_THAT(message([](auto& o) { o.height = 5000; }), HasSubstr("height is 5000"));
  EXPECT_THAT(message([](auto& o) { o.objects = -1; }), HasSubstr("objects is -1"));
  EXPECT_THAT(message([](auto& o) { o.noise = -0.5; }), HasSubstr("noise is -0.5"));
  EXPECT_THAT(message([](auto& o) { o.drift = std::nan(""); }), HasSubstr("drift is nan"));
  EXPECT_THAT(message([](auto& o) { o.shake = 17.0; }), HasSubstr("shake is 17"));
  EXPECT_THAT(message([](auto& o) { o.quality = 101; }), HasSubstr("quality is 101"));
  const auto idle = [](auto& o) {
    o.objects = 0;
    o.stopping = true;
    o.frames = 0;
  };
  EXPECT_THAT(message(idle), HasSubstr("frames is 0"));
  EXPECT_THAT(message(idle), HasSubstr("stopping needs"));
  EXPECT_THROW(SynthScene(SynthOptions{.frames = 0}), UsageError);
}

}  // namespace
}  // namespace proxseg
