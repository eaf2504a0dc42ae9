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

TEST(WithoutObjects, ShowsWhatAnObjectHidesInInfrared) {
  const cv::Mat day = furnished_room(kRoomSize, 1), night = in_infrared(day),
                seen = with_object(night);
  const cv::Mat cleared = without_objects(seen, day);
  EXPECT_GT(mean_difference(seen(kGuarded), night(kGuarded)), 60.0);
  EXPECT_LT(mean_difference(cleared(kGuarded), night(kGuarded)), 12.0);
  EXPECT_EQ(cv::norm(cleared, seen, cv::NORM_INF, far_from(seen)), 0.0);
}

TEST(WithoutObjects, LeavesWhatHasNoObject) {
  const cv::Mat day = furnished_room(kRoomSize, 1), night = in_infrared(day);
  EXPECT_EQ(largest_difference(without_objects(night, day), night), 0.0);
  EXPECT_EQ(largest_difference(without_objects(day, with_object(day)), day), 0.0);
}

TEST(WithoutObjects, LeavesAnotherPlace) {
  const cv::Mat place = with_object(furnished_room(kRoomSize, 1));
  cv::Mat elsewhere;
  cv::flip(~furnished_room(kRoomSize, 1), elsewhere, -1);
  EXPECT_EQ(largest_difference(without_objects(place, elsewhere), place), 0.0);
}

}  // namespace
}  // namespace proxseg
