#include "proxseg/segment/median_segmenter.h"

#include <gtest/gtest.h>

#include "support/sequence_files.h"

namespace proxseg {
namespace {

const std::set<Product> kEvery = {Product::kMask, Product::kSoft, Product::kBackground,
                                  Product::kForeground};
const cv::Size kSize{40, 30};
const cv::Scalar kScene(100, 150, 200);

// The segmenter for a scene of one colour.
struct Median : testing::Test {
  Median() {
    for (const char* name : {"1.png", "2.png", "3.png"}) save(folder / name, scene);
    segmenter.begin(open_source(folder.string())->info(), {});
  }

  Segmentation segment(const cv::Mat& frame) { return segmenter.segment({frame}, kEvery).front(); }

  const TemporaryFolder folder;
  const cv::Mat scene{kSize, CV_8UC3, kScene};
  MedianSegmenter segmenter{BackgroundOptions()};
};

TEST_F(Median, MarksDifferencesAboveThirtyInAnyChannel) {
  const cv::Rect faint(2, 2, 10, 10), brighter(25, 2, 10, 10), darker(2, 16, 10, 10);
  cv::Mat frame = scene.clone();
  frame(faint) = cv::Scalar(130, 180, 230);
  frame(brighter) = cv::Scalar(100, 181, 200);
  frame(darker) = cv::Scalar(69, 150, 200);
  const Segmentation result = segment(frame);
  EXPECT_EQ(cv::countNonZero(result.mask(faint)), 0);
  EXPECT_EQ(result.mask.at<uchar>(7, 30), 255);
  EXPECT_EQ(result.mask.at<uchar>(21, 7), 255);
  EXPECT_FLOAT_EQ(result.soft.at<float>(7, 7), 30.0F / 255.0F);
  EXPECT_FLOAT_EQ(result.soft.at<float>(7, 30), 31.0F / 255.0F);
  EXPECT_EQ(result.foreground.at<cv::Vec3b>(7, 7), cv::Vec3b(0, 0, 0));
  EXPECT_EQ(result.foreground.at<cv::Vec3b>(7, 30), cv::Vec3b(0, 31, 0));
  EXPECT_EQ(cv::norm(result.background, scene, cv::NORM_INF), 0);
}

// Of a 5 x 5 window at least 13 pixels decide.
TEST_F(Median, DropsSpecksAndFillsPinholes) {
  cv::Mat frame = scene.clone();
  frame(cv::Rect(4, 4, 3, 4)) = cv::Scalar::all(0);
  frame(cv::Rect(20, 10, 15, 15)) = cv::Scalar::all(0);
  frame(cv::Rect(26, 16, 3, 4)) = kScene;
  const Segmentation result = segment(frame);
  EXPECT_EQ(cv::countNonZero(result.mask(cv::Rect(0, 0, 15, 15))), 0);
  EXPECT_EQ(cv::countNonZero(result.mask(cv::Rect(25, 15, 5, 6))), 30);
}

}  // namespace
}  // namespace proxseg
