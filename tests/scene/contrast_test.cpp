#include "scene/contrast.h"

#include <gtest/gtest.h>

namespace proxseg {
namespace {

TEST(ContrastOfObjects, IsThatOfWhatStandsOutTogether) {
  const cv::Mat background(60, 80, CV_8UC3, cv::Scalar::all(100)),
      limit(60, 80, CV_32F, 10 / 255.0);
  std::vector<cv::Mat> images(6, background);
  const double usual = contrast_of_objects(images, background, limit) * 255;
  EXPECT_NEAR(usual, 64, 1);
  for (cv::Mat& image : images) {
    image = background.clone();
    for (int x = 2; x < 80; x += 4) image.col(x) = cv::Scalar::all(250);  // lone lines
  }
  EXPECT_NEAR(contrast_of_objects(images, background, limit) * 255, usual, 1);
  for (cv::Mat& image : images) image(cv::Rect(20, 20, 20, 20)) = cv::Scalar::all(130);
  EXPECT_NEAR(contrast_of_objects(images, background, limit) * 255, 30, 1);
  for (cv::Mat& image : images) image(cv::Rect(20, 20, 20, 20)) = cv::Scalar::all(108);
  EXPECT_NEAR(contrast_of_objects(images, background, limit) * 255, usual, 1);
}

}  // namespace
}  // namespace proxseg
