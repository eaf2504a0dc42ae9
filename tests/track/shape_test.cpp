#include "proxseg/track/shape.h"

#include <gtest/gtest.h>

#include <opencv2/imgproc.hpp>

namespace proxseg {
namespace {

// A frame of 16 x 12 with one rectangle.
Shape rectangle(cv::Rect box) {
  cv::Mat mask(12, 16, CV_8UC1, cv::Scalar(0));
  mask(box).setTo(255);
  return shape_of(mask);
}

TEST(Shape, HasTheBoxAreaAndCentroidOfItsPixels) {
  cv::Mat mask(12, 16, CV_8UC1, cv::Scalar(0));
  mask.at<uchar>(2, 3) = mask.at<uchar>(2, 5) = 255;
  const Shape shape = shape_of(mask, {10, 20});
  EXPECT_EQ(shape.box, cv::Rect(13, 22, 3, 1));
  EXPECT_EQ(shape.area, 2);
  EXPECT_EQ(shape.centroid, cv::Point2d(14.0, 22.0));
  EXPECT_EQ(shape_of(mask * 0).area, 0);
}

TEST(Shape, ComponentsAreEightConnectedAndDisjoint) {
  cv::Mat mask(12, 16, CV_8UC1, cv::Scalar(0));
  mask.at<uchar>(1, 1) = mask.at<uchar>(2, 2) = 255;
  mask(cv::Rect(5, 5, 4, 3)).setTo(255);
  const auto components = components_of(mask);
  ASSERT_EQ(components.size(), 2U);
  EXPECT_EQ(components[0].box, cv::Rect(1, 1, 2, 2));
  EXPECT_EQ(components[0].area, 2);
  EXPECT_EQ(components[1].centroid, cv::Point2d(6.5, 6.0));
  EXPECT_EQ(overlap(components[0], components[1]), 0);
}

TEST(Shape, LosesWhatMovesOutOfTheFrame) {
  const Shape shape = rectangle({2, 3, 4, 5});
  EXPECT_EQ(moved(shape, {1, -1}, {16, 12}).box, cv::Rect(3, 2, 4, 5));
  const Shape cut = moved(shape, {-4, 0}, {16, 12});
  EXPECT_EQ(cut.box, cv::Rect(0, 3, 2, 5));
  EXPECT_EQ(cut.area, 10);
  EXPECT_EQ(cut.centroid, cv::Point2d(0.5, 5.0));
  EXPECT_EQ(moved(shape, {0, 20}, {16, 12}).area, 0);
}

TEST(Shape, OverlapsAndUnites) {
  const Shape a = rectangle({0, 0, 4, 4}), b = rectangle({2, 0, 4, 4}), c = rectangle({9, 9, 1, 1});
  EXPECT_EQ(overlap(a, b), 8);
  EXPECT_EQ(united(a, b).area, 24);
  EXPECT_EQ(united(a, c).box, cv::Rect(0, 0, 10, 10));
  EXPECT_EQ(united(a, c).area, 17);
  EXPECT_EQ(united({}, b).area, 16);
}

TEST(Shape, KnowsHowFarOthersAre) {
  const Shape a = rectangle({0, 0, 4, 4});
  EXPECT_DOUBLE_EQ(distance_between(a, rectangle({2, 0, 4, 4})), 0.0);
  EXPECT_DOUBLE_EQ(distance_between(a, rectangle({4, 0, 4, 4})), 1.0);
  EXPECT_DOUBLE_EQ(distance_between(rectangle({6, 7, 3, 3}), a), 5.0);  // 3 beside, 4 below
}

TEST(Shape, MovesAsTheSideThatTheFrameDoesNotCutOff) {
  const cv::Size frame(16, 12);
  const auto way = [&](const cv::Rect& before, const cv::Rect& now) {
    return way_between(rectangle(before), rectangle(now), frame);
  };
  EXPECT_EQ(way({2, 3, 4, 5}, {4, 4, 4, 5}), cv::Point2d(2, 1));
  EXPECT_EQ(way({2, 3, 4, 5}, {4, 3, 6, 5}), cv::Point2d(3, 0)) << "its centroid";
  EXPECT_EQ(way({0, 3, 4, 5}, {0, 3, 6, 5}), cv::Point2d(2, 0));
  EXPECT_EQ(way({0, 3, 4, 5}, {1, 3, 6, 5}), cv::Point2d(3, 0));
  EXPECT_EQ(way({12, 3, 4, 5}, {11, 3, 5, 5}), cv::Point2d(-1, 0));
  EXPECT_EQ(way({3, 0, 4, 5}, {3, 0, 4, 3}), cv::Point2d(0, -2));
  EXPECT_EQ(way({0, 3, 16, 5}, {0, 3, 16, 5}), cv::Point2d(0, 0)) << "cut off at both";
}

}  // namespace
}  // namespace proxseg
