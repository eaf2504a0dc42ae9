#include "proxseg/scene/components.h"

#include <gtest/gtest.h>

#include <opencv2/imgproc.hpp>

namespace proxseg {
namespace {

// By OpenCV's labels.
cv::Mat expected(const cv::Mat& mask, uchar value, double min_area) {
  cv::Mat result = mask.clone(), labels, stats, centroids;
  const int count = cv::connectedComponentsWithStats(mask == value, labels, stats, centroids, 8);
  for (int i = 1; i < count; ++i) {
    if (stats.at<int>(i, cv::CC_STAT_AREA) < min_area) result.setTo(255 - value, labels == i);
  }
  return result;
}

TEST(FlipSmallComponents, DoesWhatOpenCvsLabelsSay) {
  cv::RNG random(3);
  for (const double density : {0.05, 0.3, 0.5, 0.6, 0.95}) {
    for (const cv::Size size : {cv::Size(1, 1), {1, 17}, {23, 1}, {64, 48}, {101, 37}}) {
      cv::Mat noise(size.height + 2, size.width + 5, CV_32F);
      random.fill(noise, cv::RNG::UNIFORM, 0.0, 1.0);
      for (const int blur : {1, 3}) {
        cv::Mat smooth;
        cv::blur(noise, smooth, {blur, blur});
        const cv::Mat whole = smooth < density;
        for (const int value : {0, 255}) {
          for (const double min_area : {1.0, 2.0, 9.5, 200.0}) {
            cv::Mat copy = whole.clone(), mask = copy(cv::Rect({3, 1}, size));  // rows with gaps
            const cv::Mat wanted = expected(mask, static_cast<uchar>(value), min_area);
            flip_small_components(mask, static_cast<uchar>(value), min_area);
            ASSERT_EQ(cv::norm(mask, wanted, cv::NORM_L1), 0)
                << density << " " << size << " " << value << " " << min_area;
          }
        }
      }
    }
  }
}

TEST(FlipSmallComponents, CountsAllArmsOfAShape) {
  cv::Mat comb = cv::Mat::zeros(5, 9, CV_8U);  // teeth that meet below
  for (int x = 0; x < 9; x += 2) comb.col(x) = 255;
  comb.row(4) = 255;
  const cv::Mat before = comb.clone();
  flip_small_components(comb, 255, 29);
  EXPECT_EQ(cv::norm(comb, before, cv::NORM_L1), 0);
  flip_small_components(comb, 255, 30);
  EXPECT_EQ(cv::countNonZero(comb), 0);
}

}  // namespace
}  // namespace proxseg
