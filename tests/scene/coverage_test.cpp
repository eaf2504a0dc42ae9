#include "proxseg/scene/coverage.h"

#include <gtest/gtest.h>

#include <algorithm>

#include "proxseg/scene/background.h"
#include "scene/images.h"
#include "scene/standing_object.h"

namespace proxseg {
namespace {

constexpr double kClose = 12.0;    // grey levels that noise and a small bias may account for
constexpr double kObvious = 50.0;  // that the object stands out by

bool equal(const cv::Mat& a, const cv::Mat& b) { return largest_difference(a, b) == 0.0; }

class SettledBackground : public testing::TestWithParam<int> {
 protected:
  StandingObject scene_{.type = GetParam()};
};

TEST_P(SettledBackground, LeavesOutAnObjectThatStandsForMostOfTheClip) {
  const auto images = scene_.images();
  const cv::Mat truth = scene_.background();
  ASSERT_GT(largest_difference(temporal_median(images), truth, scene_.place), kObvious);
  const cv::Mat settled = settled_background(images);
  EXPECT_EQ(settled.type(), GetParam());
  EXPECT_LT(largest_difference(settled, truth), kClose);
}

TEST_P(SettledBackground, LeavesOutAnObjectAtTheBorder) {
  for (const cv::Rect& place : {cv::Rect(-6, 40, 24, 32), cv::Rect(142, 95, 24, 32)}) {
    scene_.place = place;
    const auto images = scene_.images();
    const cv::Mat truth = scene_.background();
    ASSERT_GT(largest_difference(temporal_median(images), truth, place), kObvious);
    EXPECT_LT(largest_difference(settled_background(images), truth), kClose);
  }
}

// In two of three images, each time another object: the median is none of them, and no background.
TEST_P(SettledBackground, LeavesOutObjectsThatCoverAPlaceInMostImages) {
  scene_.standing = 0;
  auto images = scene_.images();
  cv::RNG random(4);
  for (size_t i = 0; i < images.size(); ++i) {
    if (i % 3 == 0) continue;
    cv::Mat cells(4, 5, GetParam()), object;
    random.fill(cells, cv::RNG::UNIFORM, 0, 255);
    cv::resize(cells, object, scene_.place.size(), 0, 0, cv::INTER_NEAREST);
    object.copyTo(images[i](scene_.place));
  }
  const cv::Mat truth = scene_.background();
  ASSERT_GT(largest_difference(temporal_median(images), truth, scene_.place), 20.0);
  EXPECT_LT(largest_difference(settled_background(images), truth), kClose);
}

// Where it steps aside it hides a part of what it had hidden.
TEST_P(SettledBackground, LeavesOutAnObjectThatOverlapsItsFormerPlace) {
  scene_.standing = 0;
  auto images = scene_.images();
  StandingObject aside = scene_;
  aside.standing = aside.frames;
  aside.sway = 0;
  for (size_t i = 0; i < images.size(); ++i) {
    aside.place.x = scene_.place.x + (i % 7 == 3 ? -18 : i % 7 == 5 ? 18 : 0);
    aside.images()[i](aside.place).copyTo(images[i](aside.place));
  }
  const cv::Mat truth = scene_.background();
  const auto wrong_pixels = [&](const cv::Mat& background) {
    return cv::countNonZero(difference_of(background, truth) > kClose);
  };
  ASSERT_EQ(wrong_pixels(temporal_median(images)), scene_.place.area());
  EXPECT_LT(wrong_pixels(settled_background(images)), scene_.place.area() / 20);
}

// An object that the first five of sixty images do not show; others hide it in turn.
std::vector<cv::Mat> hidden_but_for_five(StandingObject scene) {
  scene.frames = 60;
  scene.sway = 0;
  scene.standing = 0;
  auto images = scene.images();
  scene.standing = scene.frames;
  const auto standing = scene.images();
  const cv::Rect around = scene.place + cv::Point(-12, -12) + cv::Size(24, 24);
  cv::RNG random(4);
  for (size_t i = 5; i < images.size(); ++i) {
    standing[i](scene.place).copyTo(images[i](scene.place));
    if (i % 2 == 1) images[i](around).setTo(cv::Scalar::all(random.uniform(0, 50)));
  }
  return images;
}

TEST_P(SettledBackground, TrustsFewImagesThatAgree) {
  const auto images = hidden_but_for_five(scene_);
  EXPECT_LT(largest_difference(settled_background(images), scene_.background()), kClose);
}

TEST_P(SettledBackground, DoesNotTrustFewImagesOfWhichOneDisagrees) {
  auto images = hidden_but_for_five(scene_);
  const cv::Rect core = scene_.place + cv::Point(7, 7) - cv::Size(14, 14);
  images[0](core).setTo(cv::Scalar::all(10));
  const cv::Mat settled = settled_background(images);
  EXPECT_LT(largest_difference(settled, images[6], core), kClose);
}

TEST_P(SettledBackground, IsTheMedianWhereAnObjectStandsForAQuarterOfTheClip) {
  scene_.standing = 10;
  const auto images = scene_.images();
  EXPECT_TRUE(equal(settled_background(images), temporal_median(images)));
}

TEST_P(SettledBackground, IsTheMedianWhereAnObjectPasses) {
  scene_.place.x = 0;
  scene_.standing = scene_.frames;
  scene_.step = 3;
  const auto images = scene_.images();
  const cv::Mat settled = settled_background(images);
  EXPECT_TRUE(equal(settled, temporal_median(images)));
  EXPECT_LT(largest_difference(settled, scene_.background()), kClose);
}

TEST_P(SettledBackground, IsTheMedianOfNothingButNoise) {
  scene_.standing = 0;
  for (const double noise : {2.0, 6.0}) {
    scene_.noise = noise;
    const auto images = scene_.images();
    EXPECT_TRUE(equal(settled_background(images), temporal_median(images)));
  }
}

TEST_P(SettledBackground, IsTheMedianOfOneImageOrTwo) {
  for (const int count : {1, 2}) {
    scene_.frames = count;
    scene_.standing = 1;
    const auto images = scene_.images();
    EXPECT_TRUE(equal(settled_background(images), temporal_median(images)));
  }
}

TEST_P(SettledBackground, DoesNotDependOnTheOrder) {
  auto images = scene_.images();
  const cv::Mat settled = settled_background(images);
  std::reverse(images.begin(), images.end());
  EXPECT_TRUE(equal(settled_background(images), settled));
}

INSTANTIATE_TEST_SUITE_P(GreyAndColour, SettledBackground, testing::Values(CV_8UC1, CV_8UC3),
                         [](const auto& test) {
                           return test.param == CV_8UC1 ? "Grey" : "Colour";
                         });

constexpr uchar kGround = 100;
const cv::Size kSize(96, 64);

// Between a black border at the left and a white one at the right.
cv::Mat with_square(const cv::Rect& place, int difference, int type = CV_8UC1) {
  cv::Mat image(kSize, type, cv::Scalar::all(kGround));
  image.colRange(0, 4) = cv::Scalar::all(0);
  image.colRange(image.cols - 4, image.cols) = cv::Scalar::all(255);
  image(place) = cv::Scalar(kGround, kGround, kGround) + cv::Scalar(difference, 0, 0);
  return image;
}

cv::Mat covered_by(const cv::Mat& image, const cv::Mat& background) {
  return covered_areas({image}, background).front();
}

// 255 on the rectangles, `margin` pixels wider to each side.
cv::Mat grown(const std::vector<cv::Rect>& places, int margin) {
  cv::Mat mask = cv::Mat::zeros(kSize, CV_8UC1);
  for (const cv::Rect& r : places) {
    mask(cv::Rect(r.x - margin, r.y - margin, r.width + 2 * margin, r.height + 2 * margin)) = 255;
  }
  return mask;
}

bool contains(const cv::Mat& outer, const cv::Mat& inner) {
  return cv::countNonZero(inner & ~outer) == 0;
}

TEST(CoveredAreas, AreWhereASquareWasAndIsWithAFringe) {
  const cv::Rect before(10, 12, 20, 18), after(60, 30, 20, 18);
  for (const int type : {CV_8UC1, CV_8UC3}) {
    const cv::Mat covered = covered_by(with_square(after, 80, type), with_square(before, 80, type));
    EXPECT_EQ(covered.type(), CV_8UC1);
    EXPECT_EQ(cv::countNonZero((covered != 0) & (covered != 255)), 0);
    EXPECT_TRUE(contains(covered, grown({before, after}, 0)));
    EXPECT_TRUE(contains(grown({before, after}, 2), covered));
    cv::Mat row = cv::Mat::zeros(1, kSize.width, CV_8UC1);  // half way down the square of `after`
    row.colRange(60 - 2, 80 + 2) = 255;
    EXPECT_TRUE(equal(covered.row(39), row));
  }
}

TEST(CoveredAreas, AreOneForEachImage) {
  const cv::Rect place(30, 20, 20, 18);
  const cv::Mat empty = with_square(place, 0);
  const auto covered = covered_areas({empty, with_square(place, 80), empty}, empty);
  ASSERT_EQ(covered.size(), 3U);
  EXPECT_EQ(cv::countNonZero(covered[0]), 0);
  EXPECT_GT(cv::countNonZero(covered[1]), 0);
  EXPECT_EQ(cv::countNonZero(covered[2]), 0);
}

TEST(CoveredAreas, LeaveOutSmallDifferencesAndSpecks) {
  const cv::Rect place(30, 20, 20, 18), speck(30, 20, 3, 3);
  const cv::Mat empty = with_square(place, 0);
  for (const int sign : {-1, 1}) {
    EXPECT_EQ(cv::countNonZero(covered_by(with_square(place, 12 * sign), empty)), 0);
    EXPECT_GT(cv::countNonZero(covered_by(with_square(place, 13 * sign), empty)), 0);
  }
  EXPECT_EQ(cv::countNonZero(covered_by(with_square(speck, 80), empty)), 0);
}

// A tenth of the light shows a tenth of the contrast.
TEST(CoveredAreas, HoldObjectsInTheDark) {
  const cv::Rect place(30, 20, 20, 18);
  const cv::Mat empty = with_square(place, 0) * 0.1;
  EXPECT_GT(cv::countNonZero(covered_by(with_square(place, 80) * 0.1, empty)), 0);
  const cv::Mat noisy = empty + 1;
  EXPECT_EQ(cv::countNonZero(covered_by(noisy, empty)), 0);
  const cv::Mat black = empty * 0.0;
  EXPECT_EQ(cv::countNonZero(covered_by(black + 2, black)), 0);
}

// A picture of black to white, seen clearly or through haze: 100 + 0.2 of it.
TEST(CoveredAreas, HoldObjectsInHaze) {
  cv::Mat ramp(kSize, CV_8UC3), hazy;
  for (int x = 0; x < ramp.cols; ++x) ramp.col(x) = cv::Scalar::all(x * 255.0 / ramp.cols);
  ramp.convertTo(hazy, -1, 0.2, 100.0);
  const auto with_object = [](cv::Mat image) {
    image = image.clone();
    image(cv::Rect(30, 20, 20, 18)) += cv::Scalar::all(9);
    return image;
  };
  EXPECT_GT(cv::countNonZero(covered_by(with_object(hazy), hazy)), 0);
  EXPECT_EQ(cv::countNonZero(covered_by(with_object(ramp), ramp)), 0);
}

TEST(CoveredAreas, LeaveOutNoiseInTheDark) {
  const cv::Mat dark(kSize, CV_8UC3, cv::Scalar::all(15));
  cv::RNG random(6);
  std::vector<cv::Mat> images;
  for (int i = 0; i < 8; ++i) {
    cv::Mat noise(kSize, CV_16SC3), image;
    random.fill(noise, cv::RNG::NORMAL, 0, 5);
    cv::add(dark, noise, image, {}, CV_8U);
    images.push_back(image);
  }
  for (const cv::Mat& covered : covered_areas(images, dark)) {
    EXPECT_EQ(cv::countNonZero(covered), 0);
  }
}

TEST(CoveredAreas, CloseNarrowGaps) {
  const cv::Rect place(30, 20, 40, 18);
  cv::Mat image = with_square(place, 80);
  image.colRange(40, 46) = kGround;
  image.colRange(54, 64) = kGround;
  const cv::Mat row = covered_by(image, with_square(place, 0)).row(29);
  EXPECT_EQ(cv::countNonZero(row.colRange(30, 54)), 24);
  EXPECT_EQ(cv::countNonZero(row.colRange(54, 64)), 4) << "only the fringes";
}

}  // namespace
}  // namespace proxseg
