// Regions of interest as options give them.
#include <gtest/gtest.h>

#include <opencv2/imgproc.hpp>

#include "support/expect_error.h"
#include "support/logged.h"
#include "support/sequence_files.h"

namespace proxseg {
namespace {

struct Region : testing::Test {
  Region() { save(folder / "frames/a.png", color_image(1)); }

  cv::Mat of(const std::string& roi, double scale = 1.0) const {
    return open_source((folder / "frames").string(), {.roi = roi, .scale = scale})->info().roi;
  }

  const TemporaryFolder folder;
};

// Left half of 16 x 12.
cv::Mat left_half() {
  cv::Mat image = gray_image(0);
  image.colRange(0, 8).setTo(255);
  return image;
}

TEST_F(Region, IsAPolygon) {
  EXPECT_EQ(cv::norm(of("0,0, 7,0, 7,11, 0,11"), left_half(), cv::NORM_INF), 0.0);
  cv::Mat outside;
  const auto warning = logged([&] { outside = of("-50,-1,7.2,-1,7.2,40,-50,40"); });
  EXPECT_EQ(cv::norm(outside, left_half(), cv::NORM_INF), 0.0);
  EXPECT_NE(warning.find("outside of the frame, which is 16 x 12"), std::string::npos);
  EXPECT_EQ(logged([&] { of("0,0,16,0,16,12,0,12"); }), "");
  EXPECT_TRUE(of("").empty());
}

TEST_F(Region, IsAnImage) {
  save(folder / "roi.png", left_half());
  EXPECT_EQ(cv::norm(of((folder / "roi.png").string()), left_half(), cv::NORM_INF), 0.0);
}

TEST_F(Region, IsScaledAsTheFramesAre) {
  const cv::Mat half = of("0,0,7,0,7,11,0,11", 0.5);
  EXPECT_EQ(half.size(), cv::Size(8, 6));
  EXPECT_EQ(cv::countNonZero(half), 24);
}

TEST_F(Region, CutsThatOfTheSequence) {
  cv::Mat top = gray_image(0);
  top.rowRange(0, 6).setTo(255);
  save(folder / "cdnet/input/in000001.png", color_image(1));
  save(folder / "cdnet/ROI.bmp", top);
  const cv::Mat roi =
      open_source((folder / "cdnet").string(), {.roi = "0,0,7,0,7,11,0,11"})->info().roi;
  EXPECT_EQ(cv::norm(roi, top & left_half(), cv::NORM_INF), 0.0);
}

TEST_F(Region, OfAnotherKindIsRefused) {
  const auto refuse = [&](const std::string& roi, const std::string& reason) {
    expect_error(ExitCode::kInput, {roi, reason}, [&] { of(roi); });
  };
  refuse("1,2,3,4", "no polygon");
  refuse("1,2,3,4,5,6,7", "no polygon");
  refuse("1,2,3,4,5,", "no polygon");
  refuse("1,2,3,4,5,6", "no area");
  refuse("1,2,,4,5,6", "not a coordinate");
  refuse("1 2,3,4,5,6,7", "not a coordinate");
  refuse("100,100,200,100,200,200", "no pixel");
  refuse((folder / "none.png").string(), "cannot read");
  save(folder / "wide.png", gray_image(255, {20, 12}));
  refuse((folder / "wide.png").string(), "20 x 12");
  save(folder / "black.png", gray_image(0));
  refuse((folder / "black.png").string(), "no pixel");
}

}  // namespace
}  // namespace proxseg
