#include "proxseg/segment/methods.h"

#include <gmock/gmock.h>

#include "proxseg/core/file.h"
#include "proxseg/segment/session.h"
#include "segment/moving_square.h"
#include "support/expect_error.h"
#include "support/sequence_files.h"

namespace proxseg {
namespace {

const std::set<Product> kEveryProduct = {Product::kMask, Product::kSoft, Product::kBackground,
                                         Product::kForeground};

Recipe small_recipe() {
  Recipe recipe;
  recipe.train.batch = 30;
  recipe.input.gray = true;
  recipe.mask = {.threshold = 0.1, .median = 0, .min_area = 0, .fill_holes = 0};
  return recipe;
}

std::vector<Segmentation> segment_all(Segmenter& segmenter, const MovingSquare& square) {
  segmenter.begin(square.info(), {});
  std::vector<Segmentation> results;
  for (const cv::Mat& frame : square.frames()) {
    results.push_back(segmenter.segment({frame}, kEveryProduct).front());
  }
  return results;
}

class EveryBaseline : public testing::TestWithParam<std::string> {
 protected:
  const std::unique_ptr<Segmenter> segmenter_ = make_baseline(GetParam(), small_recipe());
  const TemporaryFolder folder_;
};

TEST_P(EveryBaseline, FindsAMovingSquareInGrayAndInColor) {
  for (const int channels : {1, 3}) {
    const TemporaryFolder folder;
    const auto results = segment_all(*segmenter_, {folder, channels});
    EXPECT_GT(overlap(results[134].mask, MovingSquare::truth(134)), 0.6) << channels;
    EXPECT_LT(cv::countNonZero(results[124].mask), 10) << channels;
  }
}

TEST_P(EveryBaseline, GivesEveryProductAtTheFramesSize) {
  const MovingSquare square(folder_, 3);
  const Segmentation result = segment_all(*segmenter_, square)[134];
  const int type = GetParam() == "rpca" ? CV_8UC1 : CV_8UC3;  // small_recipe() is grey
  EXPECT_EQ(result.mask.type(), CV_8UC1);
  EXPECT_EQ(cv::countNonZero((result.mask != 0) & (result.mask != 255)), 0);
  EXPECT_EQ(result.soft.type(), CV_32FC1);
  EXPECT_EQ(result.background.type(), type);
  EXPECT_EQ(result.foreground.type(), type);
  for (const cv::Mat& image : {result.mask, result.soft, result.background, result.foreground}) {
    EXPECT_EQ(image.size(), MovingSquare::kSize);
  }
  // The square is 220 over a scene of 80 to 113.
  const cv::Mat inside = MovingSquare::truth(134) & result.mask;
  EXPECT_LT(cv::mean(result.background, inside)[0], 150);
  EXPECT_GT(cv::mean(result.foreground, inside)[0], 70);
  EXPECT_EQ(segmenter_->background().type(), type);
  EXPECT_EQ(segmenter_->background().size(), MovingSquare::kSize);
  EXPECT_LT(cv::mean(segmenter_->background(), MovingSquare::truth(134))[0], 150);
}

TEST_P(EveryBaseline, FindsNothingOutsideTheRoi) {
  cv::Mat roi(MovingSquare::kSize, CV_8UC1, cv::Scalar(255));
  roi.rowRange(0, 22) = 0;
  const auto results = segment_all(*segmenter_, {folder_, 3, roi});
  for (const int i : {0, 129, 134}) {
    EXPECT_EQ(cv::countNonZero(results[i].mask.rowRange(0, 22)), 0) << i;
    EXPECT_EQ(cv::countNonZero(results[i].soft.rowRange(0, 22)), 0) << i;
  }
  EXPECT_GT(cv::countNonZero(results[134].mask.rowRange(22, 48)), 0);
}

TEST_P(EveryBaseline, ForgetsEarlierSequences) {
  const MovingSquare square(folder_, 3);
  const auto first = segment_all(*segmenter_, square), second = segment_all(*segmenter_, square);
  for (const int i : {0, 50, 134}) {
    EXPECT_EQ(cv::norm(first[i].mask, second[i].mask, cv::NORM_INF), 0) << i;
    EXPECT_EQ(cv::norm(first[i].background, second[i].background, cv::NORM_INF), 0) << i;
  }
}

TEST_P(EveryBaseline, WritesAMissingMaskAsItWas) {
  const MovingSquare square(folder_, 3);
  const auto mask = folder_ / "out/mask/in000135.png", kept = folder_ / "out/mask/in000134.png";
  const auto infer = [&] {
    return infer_sequence(*segmenter_, {square.path(), "square"}, folder_ / "out", {}, {});
  };
  EXPECT_EQ(infer().segmented, MovingSquare::kFrames);
  const std::string before = read_file(mask);
  std::filesystem::remove(mask);
  save(kept, gray_image(77));  // not written again
  const std::string other = read_file(kept);
  const SequenceResult again = infer();
  EXPECT_EQ(again.segmented, 1);
  EXPECT_EQ(again.present, MovingSquare::kFrames - 1);
  EXPECT_EQ(read_file(mask), before);
  EXPECT_TRUE(read_file(kept) == other);
}

TEST_P(EveryBaseline, RefusesFramesOfAnotherSizeAndNeedsASequence) {
  const cv::Mat frame(8, 10, CV_8UC3);
  expect_error(ExitCode::kUsage, {"begin() comes first"},
               [&] { segmenter_->segment({frame}, kEveryProduct); });
  segmenter_->begin(MovingSquare(folder_, 3).info(), {});
  expect_error(ExitCode::kUsage, {"10 x 8", "64 x 48"},
               [&] { segmenter_->segment({frame}, kEveryProduct); });
}

std::vector<std::string> names() {
  std::vector<std::string> all;
  for (const BaselineMethod& method : baseline_methods()) all.push_back(method.name);
  return all;
}

INSTANTIATE_TEST_SUITE_P(Methods, EveryBaseline, testing::ValuesIn(names()),
                         [](const auto& test) { return test.param; });

TEST(MakeBaseline, RefusesWhatItDoesNotKnowAndListsWhatItDoes) {
  EXPECT_THAT(names(), testing::IsSupersetOf({"median", "rpca", "mog2", "knn"}));
  try {
    make_baseline("mog3", {});
    ADD_FAILURE() << "nothing was thrown";
  } catch (const UsageError& error) {
    EXPECT_THAT(error.what(), testing::HasSubstr("'mog3'"));
    for (const std::string& name : names()) {
      EXPECT_THAT(error.remedy(), testing::HasSubstr(name));
    }
  }
}

}  // namespace
}  // namespace proxseg
