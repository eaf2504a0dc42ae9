#include "scene/other_states.h"

#include <gtest/gtest.h>

#include <opencv2/imgproc.hpp>

#include "scene/images.h"
#include "scene/standing_object.h"

namespace proxseg {
namespace {

const cv::Size kRoomSize{200, 150};
const cv::Rect kGuarded{120, 50, 30, 60};

// Grey, in the light of a lamp that shines in the middle.
cv::Mat in_infrared(const cv::Mat& image) {
  cv::Mat night(image.size(), CV_8UC3);
  for (int y = 0; y < image.rows; ++y) {
    for (int x = 0; x < image.cols; ++x) {
      const double dx = 2.0 * x / image.cols - 1.0, dy = 2.0 * y / image.rows - 1.0;
      const cv::Vec3b colour = image.at<cv::Vec3b>(y, x);
      const double gray = 0.1 * colour[0] + 0.3 * colour[1] + 0.6 * colour[2];
      night.at<cv::Vec3b>(y, x) =
          cv::Vec3b::all(cv::saturate_cast<uchar>(gray * (1.2 - 0.4 * (dx * dx + dy * dy))));
    }
  }
  return night;
}

cv::Mat with_object(const cv::Mat& image) {
  cv::Mat result = image.clone();
  result(kGuarded).setTo(cv::Scalar::all(250));
  result(cv::Rect(kGuarded.tl(), cv::Size(30, 30))).setTo(cv::Scalar::all(5));
  return result;
}

cv::Mat far_from(const cv::Mat& place) {
  cv::Mat rest(place.size(), CV_8U, cv::Scalar(255));
  rest(kGuarded + cv::Point(-10, -10) + cv::Size(20, 20)).setTo(0);
  return rest;
}

cv::Mat everywhere() { return cv::Mat(kRoomSize, CV_8U, cv::Scalar(255)); }

TEST(WithoutObjects, ShowsWhatAnObjectHidesInInfrared) {
  const cv::Mat day = furnished_room(kRoomSize, 1), night = in_infrared(day);
  const cv::Mat seen = with_object(night), cleared = without_objects(seen, day, everywhere());
  EXPECT_GT(mean_difference(seen(kGuarded), night(kGuarded)), 60.0);
  EXPECT_LT(mean_difference(cleared(kGuarded), night(kGuarded)), 12.0);
  EXPECT_EQ(cv::norm(cleared, seen, cv::NORM_INF, far_from(seen)), 0.0);
}

// At whatever size, and beside flat black bars.
TEST(WithoutObjects, IsToldAtASmallSize) {
  cv::Mat day = furnished_room({400, 300}, 1), large, seen;
  day.rowRange(0, 40).setTo(0);
  day.rowRange(260, 300).setTo(0);
  cv::resize(day, large, {1600, 1200});
  const cv::Mat night = in_infrared(large);
  seen = night.clone();
  const cv::Rect place(900, 400, 240, 480);
  seen(place).setTo(cv::Scalar::all(250));
  const cv::Mat cleared = without_objects(seen, large, everywhere());
  ASSERT_EQ(cleared.size(), seen.size());
  EXPECT_LT(mean_difference(cleared(place), night(place)), 12.0);
}

TEST(WithoutObjects, LeavesWhatHasNoObject) {
  const cv::Mat day = furnished_room(kRoomSize, 1), night = in_infrared(day);
  EXPECT_EQ(largest_difference(without_objects(night, day, everywhere()), night), 0.0);
  EXPECT_EQ(largest_difference(without_objects(day, with_object(day), everywhere()), day), 0.0);
}

// A lamp, say, that shines by night alone.
TEST(WithoutObjects, LeavesWhatNeverMoved) {
  const cv::Mat day = furnished_room(kRoomSize, 1), seen = with_object(in_infrared(day));
  EXPECT_EQ(largest_difference(without_objects(seen, day, far_from(seen)), seen), 0.0);
}

TEST(WithoutObjects, TellsNoColoursFromInfrared) {
  const cv::Mat day = furnished_room(kRoomSize, 1), seen = with_object(day);
  EXPECT_EQ(largest_difference(without_objects(seen, in_infrared(day), everywhere()), seen), 0.0);
}

TEST(WithoutObjects, LeavesAnotherPlace) {
  const cv::Mat place = with_object(furnished_room(kRoomSize, 1));
  cv::Mat elsewhere;
  cv::flip(~furnished_room(kRoomSize, 1), elsewhere, -1);
  EXPECT_EQ(largest_difference(without_objects(place, elsewhere, everywhere()), place), 0.0);
}

TEST(WithoutObjects, TakesPicturesOfAnySize) {
  for (const cv::Size size : {cv::Size(1, 1), cv::Size(2, 1), cv::Size(3, 40), cv::Size(40, 40)}) {
    for (const int type : {CV_8UC1, CV_8UC3}) {
      const cv::Mat flat(size, type, cv::Scalar::all(90));
      EXPECT_EQ(largest_difference(without_objects(flat, flat * 0.5, everywhere()), flat), 0.0);
    }
  }
}

}  // namespace
}  // namespace proxseg
