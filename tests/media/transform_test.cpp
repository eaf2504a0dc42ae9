#include "proxseg/media/transform.h"

#include <gtest/gtest.h>

#include <cmath>
#include <opencv2/imgproc.hpp>

namespace proxseg {
namespace {

TEST(AutomaticScale, KeepsFramesBelowAHundredThousandPixels) {
  EXPECT_EQ(scaled_size({320, 240}, 0.0), cv::Size(320, 240));
  for (const cv::Size size : {cv::Size(640, 480), cv::Size(768, 576), cv::Size(3840, 2160)}) {
    const cv::Size small = scaled_size(size, 0.0);
    const double scale = std::round(100.0 * small.width / size.width) / 100.0;
    EXPECT_EQ(small, scaled_size(size, scale));
    EXPECT_LE(scale * scale * size.area(), 100000.0);
    EXPECT_GE((scale + 0.01) * (scale + 0.01) * size.area(), 100000.0);
    EXPECT_EQ(at_automatic_scale(cv::Mat(size, CV_8UC1, cv::Scalar(7))).size(), small);
  }
}

TEST(ResizeFrame, IsAreaInterpolation) {
  for (const cv::Size size : {cv::Size(640, 480), {403, 227}, {1001, 333}}) {
    for (const int type : {CV_8UC1, CV_8UC3}) {
      cv::Mat image(size, type), expected, difference;
      cv::randu(image, 0, 256);
      for (const cv::Size to :
           {cv::Size(320, 240), {154, 115}, {1, 1}, {97, size.height}, {700, 90}}) {
        cv::resize(image, expected, to, 0, 0, cv::INTER_AREA);
        const cv::Mat resized = resize_frame(image, to);
        ASSERT_EQ(resized.size(), to);
        ASSERT_EQ(resized.type(), type);
        // Values that lie half-way may be rounded either way.
        cv::absdiff(resized, expected, difference);
        EXPECT_LE(cv::norm(difference, cv::NORM_INF), 1.0) << size << to;
        EXPECT_LE(cv::countNonZero(difference.reshape(1)), 1e-3 * difference.total() + 1);
      }
    }
  }
}

TEST(LargestOverChannels, IsThatOfEachPixel) {
  const cv::Mat image(2, 3, CV_8UC3, cv::Scalar(1, 9, 3)), gray(2, 3, CV_32FC1, cv::Scalar(-1.5));
  EXPECT_EQ(cv::norm(largest_over_channels(image), cv::Mat(2, 3, CV_8UC1, cv::Scalar(9))), 0.0);
  EXPECT_EQ(cv::norm(largest_over_channels(gray), gray), 0.0);
}

}  // namespace
}  // namespace proxseg
