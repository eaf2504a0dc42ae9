#include "proxseg/segment/rpca_segmenter.h"

#include <gtest/gtest.h>

#include "segment/moving_square.h"

namespace proxseg {
namespace {

TEST(RpcaSegmenter, WorksAtASmallerScaleAndGivesFullSize) {
  const TemporaryFolder folder;
  const MovingSquare square(folder, 3);
  Recipe recipe;
  recipe.train.batch = 20;
  recipe.input.scale = 0.5;
  recipe.mask = {.threshold = 0.1, .median = 0, .min_area = 0, .fill_holes = 0};
  RpcaSegmenter segmenter(recipe);
  segmenter.begin(square.info(), {});
  const cv::Mat frame = square.frames()[134];
  const Segmentation result = segmenter.segment({frame}, {Product::kBackground}).front();
  EXPECT_EQ(result.mask.size(), MovingSquare::kSize);
  EXPECT_GT(overlap(result.mask, MovingSquare::truth(134)), 0.6);
  EXPECT_EQ(result.background.type(), CV_8UC3);
  EXPECT_TRUE(result.foreground.empty()) << "nobody asked for it";
}

TEST(RpcaSegmenter, TakesFewerFramesThanAskedForWhereThereAreFewer) {
  const TemporaryFolder folder;
  for (const char* name : {"a.png", "b.png"}) save(folder / name, gray_image(100));
  Recipe recipe;
  recipe.train.batch = 50;
  RpcaSegmenter segmenter(recipe);
  segmenter.begin(open_source(folder.string())->info(), {});
  cv::Mat frame = gray_image(100);
  frame(cv::Rect(4, 4, 6, 6)) = 250;
  const Segmentation result = segmenter.segment({frame}, {Product::kSoft}).front();
  EXPECT_GT(result.soft.at<float>(6, 6), 0.3);
  EXPECT_LT(result.soft.at<float>(0, 0), 0.2);
}

}  // namespace
}  // namespace proxseg
