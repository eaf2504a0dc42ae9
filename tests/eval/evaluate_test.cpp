#include "proxseg/eval/evaluate.h"

#include <gtest/gtest.h>

#include <opencv2/imgproc.hpp>

#include "eval/labelled_sequence.h"
#include "proxseg/media/image_file.h"
#include "proxseg/media/transform.h"
#include "support/expect_error.h"

namespace proxseg {
namespace {

namespace fs = std::filesystem;

class EvaluateSequence : public testing::Test {
 protected:
  SequenceEvaluation evaluate(MaskKind kind = MaskKind::kBinary) const {
    return evaluate_sequence(masks_, sequence_, kind);
  }
  Confusion confusion() const { return evaluate().confusion; }

  // Frames first to last, each with one true positive and nothing else.
  void save_frames(int first, int last) const {
    for (int i = first; i <= last; ++i) {
      save_labels(sequence_, i, pixels({255}));
      save_mask(masks_, i, pixels({255}));
    }
  }

  void expect_refused(const std::vector<std::string>& fragments) const {
    expect_error(ExitCode::kInput, fragments, [&] { evaluate(); });
  }

  TemporaryFolder folder_;
  fs::path sequence_ = folder_ / "highway";
  fs::path masks_ = folder_ / "masks";
};

TEST_F(EvaluateSequence, CountsEveryLabelByTheRule) {
  save_labels(sequence_, 1, pixels({255, 255, 0, 0, 50, 50, 85, 170, 85, 170}));
  save_mask(masks_, 1, pixels({255, 0, 255, 0, 255, 0, 255, 255, 0, 0}));
  const SequenceEvaluation result = evaluate();
  EXPECT_EQ(result.confusion,
            (Confusion{.tp = 1, .fp = 2, .fn = 1, .tn = 2, .shadow = 2, .shadow_fp = 1}));
  EXPECT_EQ(result.score.name, "highway");
  EXPECT_EQ(result.score.frames, 1);
  EXPECT_DOUBLE_EQ(result.score.measures.f_measure, 0.4);
  EXPECT_DOUBLE_EQ(result.score.measures.shadow_fpr, 0.5);
}

TEST_F(EvaluateSequence, SumsFrames) {
  save_frame(sequence_, masks_, 1, 1);
  save_frame(sequence_, masks_, 2, 2);
  EXPECT_EQ(confusion(), (Confusion{.tp = 3, .fn = 5}));
}

TEST_F(EvaluateSequence, MasksAreForegroundFrom128) {
  save_labels(sequence_, 1, pixels({255, 255, 0, 0}));
  save_mask(masks_, 1, pixels({128, 127, 128, 127}));
  EXPECT_EQ(confusion(), (Confusion{.tp = 1, .fp = 1, .fn = 1, .tn = 1}));
}

TEST_F(EvaluateSequence, TakesMasksOfZeroAndOneAsSuch) {
  save_labels(sequence_, 1, pixels({255, 255, 0, 0}));
  save_mask(masks_, 1, pixels({1, 0, 1, 0}));
  save_labels(sequence_, 2, pixels({255, 255, 0, 0}));
  save_mask(masks_, 2, pixels({0, 0, 0, 0}));
  const SequenceEvaluation result = evaluate();
  EXPECT_EQ(result.confusion, (Confusion{.tp = 1, .fp = 1, .fn = 3, .tn = 3}));
  EXPECT_EQ(result.threshold, 1);
  ASSERT_EQ(result.warnings.size(), 1U);
  EXPECT_NE(result.warnings[0].find("1 counts as foreground"), std::string::npos);
}

TEST_F(EvaluateSequence, WarnsOfMasksThatNeverReach128AndOfNoOthers) {
  save_labels(sequence_, 1, pixels({255, 0}));
  save_mask(masks_, 1, pixels({50, 0}));
  const SequenceEvaluation result = evaluate();
  EXPECT_EQ(result.confusion, (Confusion{.fn = 1, .tn = 1}));
  ASSERT_EQ(result.warnings.size(), 1U);
  EXPECT_NE(result.warnings[0].find("the largest is 50"), std::string::npos);
  for (const int value : {0, 128, 255}) {
    save_mask(masks_, 1, pixels({static_cast<uint8_t>(value), 0}));
    EXPECT_TRUE(evaluate().warnings.empty()) << value;
  }
}

TEST_F(EvaluateSequence, WarnsOfMasksThatMayBeInverted) {
  save_labels(sequence_, 1, pixels({255, 255, 0, 0, 0}));
  save_mask(masks_, 1, pixels({0, 0, 255, 255, 255}));
  ASSERT_EQ(evaluate().warnings.size(), 1U);
  EXPECT_NE(evaluate().warnings[0].find("may be inverted"), std::string::npos);
  save_mask(masks_, 1, pixels({255, 255, 255, 255, 255}));
  EXPECT_TRUE(evaluate().warnings.empty());
}

TEST_F(EvaluateSequence, SaysThatThereIsNoSuchFolder) {
  save_frames(1, 1);
  masks_ = folder_ / "nowhere";
  expect_refused({"nowhere', which is not there"});
}

TEST_F(EvaluateSequence, RefusesFilesWhereFoldersBelong) {
  save_text(folder_ / "clip.avi", "a video");
  save_frames(1, 1);
  for (const auto& [masks, truth] :
       {std::pair(masks_, folder_ / "clip.avi"), std::pair(folder_ / "clip.avi", sequence_)}) {
    expect_error(ExitCode::kInput, {"clip.avi", "is a file, not a folder"},
                 [&] { proxseg::evaluate(masks, truth); });
  }
}

TEST_F(EvaluateSequence, LeavesOutWhatIsOutsideTheRoi) {
  save_labels(sequence_, 1, pixels({255, 255, 0, 0}));
  save_mask(masks_, 1, pixels({255, 255, 255, 255}));
  save(sequence_ / "ROI.bmp", pixels({127, 128, 0, 255}));
  EXPECT_EQ(confusion(), (Confusion{.tp = 1, .fp = 1}));
}

TEST_F(EvaluateSequence, FitsARoiOfAnotherSize) {
  save_labels(sequence_, 1, pixels({255, 255, 0, 0}));
  save_mask(masks_, 1, pixels({255, 255, 255, 255}));
  save(sequence_ / "ROI.bmp", pixels({255, 0}));
  EXPECT_EQ(confusion(), (Confusion{.tp = 2}));
}

TEST_F(EvaluateSequence, EvaluatesTheFramesOfTemporalRoi) {
  save_frames(1, 6);
  EXPECT_EQ(evaluate().score.frames, 6);
  for (const char* text : {"2 4", "2 4\n", " 2\n4\n", "2 4 17 extra\n"}) {
    save_text(sequence_ / "temporalROI.txt", text);
    EXPECT_EQ(evaluate().score.frames, 3) << text;
  }
}

TEST_F(EvaluateSequence, NeedsMasksOfEvaluatedFramesOnly) {
  save_frames(1, 3);
  fs::remove(masks_ / "bin000001.png");
  save_text(sequence_ / "temporalROI.txt", "2 9");
  EXPECT_EQ(confusion(), (Confusion{.tp = 2}));
}

TEST_F(EvaluateSequence, CountsFramesFromZero) {
  save_frames(0, 2);
  save_text(sequence_ / "temporalROI.txt", "0 1");
  EXPECT_EQ(confusion(), (Confusion{.tp = 2}));
}

TEST_F(EvaluateSequence, ReadsColorGroundTruthAndMasks) {
  cv::Mat labels, mask;
  cv::cvtColor(pixels({255, 50, 85, 170, 0}), labels, cv::COLOR_GRAY2BGR);
  cv::cvtColor(pixels({255, 255, 255, 255, 0}), mask, cv::COLOR_GRAY2BGR);
  save_labels(sequence_, 1, labels);
  save_mask(masks_, 1, mask);
  EXPECT_EQ(confusion(), (Confusion{.tp = 1, .fp = 1, .tn = 1, .shadow = 1, .shadow_fp = 1}));
}

TEST_F(EvaluateSequence, ReadsTheFlatLayoutByFrameNumber) {
  save_labels(sequence_, 7, pixels({255, 0}));
  save(masks_ / "mask/in000007.png", pixels({255, 255}));
  save(masks_ / "mask/preview.png", pixels({0}));
  save_text(masks_ / "mask/.in000007.png", "");
  EXPECT_EQ(confusion(), (Confusion{.tp = 1, .fp = 1}));
}

TEST_F(EvaluateSequence, WithoutForegroundHasFiniteMeasures) {
  save_labels(sequence_, 1, pixels({0, 0}));
  save_mask(masks_, 1, pixels({0, 0}));
  EXPECT_EQ(evaluate().score.measures.f_measure, 1);
  save_mask(masks_, 1, pixels({0, 255}));
  EXPECT_EQ(evaluate().score.measures.f_measure, 0);
}

TEST_F(EvaluateSequence, WithoutAnyEvaluatedPixelIsRefused) {
  save_labels(sequence_, 1, pixels({170, 85}));
  save_mask(masks_, 1, pixels({255, 0}));
  expect_refused({sequence_.string(), "no pixel", "labels"});
  save_labels(sequence_, 1, pixels({255, 0}));
  EXPECT_EQ(confusion(), (Confusion{.tp = 1, .tn = 1}));
  save(sequence_ / "ROI.bmp", pixels({0, 0}));
  expect_refused({sequence_.string(), "no pixel", "ROI.bmp"});
}

TEST_F(EvaluateSequence, JudgesSoftMasksAtTheirBestThreshold) {
  save_labels(sequence_, 1, pixels({255, 0, 255, 50}));
  save(masks_ / "soft/in000001.png", pixels({200, 150, 100, 50}));
  const SequenceEvaluation result = evaluate(MaskKind::kSoft);
  EXPECT_EQ(result.threshold, 51);
  EXPECT_EQ(result.confusion, (Confusion{.tp = 2, .fp = 1, .tn = 1, .shadow = 1}));
  EXPECT_DOUBLE_EQ(result.score.measures.f_measure, 0.8);
  EXPECT_DOUBLE_EQ(result.score.average_precision, 5.0 / 6.0);
}

TEST_F(EvaluateSequence, RefusesMissingMasks) {
  save_frames(1, 5);
  fs::remove(masks_ / "bin000002.png");
  fs::remove(masks_ / "bin000004.png");
  expect_refused({"frame 2 ", masks_.string(), "2 of 5"});
}

TEST_F(EvaluateSequence, RefusesAFolderWithoutMasks) {
  save_labels(sequence_, 1, pixels({255}));
  expect_refused({masks_.string(), "binNNNNNN.png", "mask/NAME.png"});
  save_mask(masks_, 1, pixels({255}));
  expect_error(ExitCode::kInput, {masks_.string(), "soft/NAME.png"},
               [&] { evaluate(MaskKind::kSoft); });
}

TEST_F(EvaluateSequence, RefusesMasksOfAnotherSize) {
  save_frames(1, 2);
  save_mask(masks_, 2, gray_image(255, {3, 2}));
  expect_refused({"bin000002.png", "3 x 2", "1 x 1"});
}

TEST_F(EvaluateSequence, RefusesTwoMasksOfAFrame) {
  save_labels(sequence_, 1, pixels({255}));
  save(masks_ / "mask/a1.png", pixels({255}));
  save(masks_ / "mask/b01.png", pixels({255}));
  expect_refused({"a1.png", "b01.png", "frame 1"});
}

TEST_F(EvaluateSequence, RefusesGroundTruthOfUnequalSizes) {
  save_frames(1, 2);
  save_labels(sequence_, 2, gray_image(255, {3, 2}));
  expect_refused({"gt000002.png", "3 x 2", "1 x 1"});
}

TEST_F(EvaluateSequence, RefusesUnknownLabels) {
  save_labels(sequence_, 1, pixels({0, 0, 1}));
  save_mask(masks_, 1, pixels({0, 0, 0}));
  expect_refused({"gt000001.png", "label 1", "column 2, row 0"});
}

TEST_F(EvaluateSequence, RefusesAnEmptySequence) {
  fs::create_directories(sequence_ / "groundtruth");
  expect_refused({"no ground truth", sequence_.string()});
  save_frames(1, 3);
  save_text(sequence_ / "temporalROI.txt", "470 1700");
  expect_refused({"none of the 3 frames", sequence_.string(), "470 to 1700"});
}

TEST_F(EvaluateSequence, RefusesABrokenMask) {
  save_frames(1, 2);
  truncate(masks_ / "bin000002.png", 0.5);
  expect_refused({"bin000002.png", "truncated"});
}

// A row of colours, given as red, green, blue.
cv::Mat colors(const std::vector<cv::Vec3b>& values) {
  cv::Mat image(1, static_cast<int>(values.size()), CV_8UC3);
  for (int i = 0; i < image.cols; ++i) {
    const cv::Vec3b& value = values[static_cast<size_t>(i)];
    image.at<cv::Vec3b>(i) = {value[2], value[1], value[0]};
  }
  return image;
}

TEST_F(EvaluateSequence, ReadsTheColorsOfLasiesta) {
  const cv::Mat truth = colors({{0, 0, 0},
                                {0, 0, 0},
                                {128, 128, 128},
                                {255, 0, 0},
                                {0, 255, 0},
                                {255, 255, 0},
                                {255, 255, 255}});
  save(sequence_ / "highway-7.bmp", colors({{1, 2, 3}}));
  save(folder_ / "highway-GT/highway-GT_7.png", truth);
  save(folder_ / "highway-GT/highway-GT_12.png", cv::Mat::zeros(1, 7, CV_8UC1));
  save(masks_ / "mask/highway-7.png", pixels({0, 255, 255, 255, 255, 255, 0}));
  save(masks_ / "mask/highway-12.png", pixels({0, 0, 0, 0, 0, 0, 0}));
  const SequenceEvaluation result = evaluate();
  EXPECT_EQ(result.confusion, (Confusion{.tp = 3, .fp = 1, .fn = 1, .tn = 8}));
  EXPECT_EQ(result.score.name, "highway");
  EXPECT_EQ(result.score.frames, 2);
}

TEST_F(EvaluateSequence, RefusesAColorThatIsNoObjects) {
  save(sequence_ / "highway-1.bmp", colors({{1, 2, 3}}));
  save(folder_ / "highway-GT/highway-GT_1.png", colors({{0, 0, 0}, {250, 3, 0}}));
  save_mask(masks_, 1, pixels({0, 0}));
  expect_refused({"highway-GT_1.png", "(250, 3, 0)", "column 1, row 0"});
}

TEST_F(EvaluateSequence, SaysThatImagesOfTheBackgroundAreNoLabels) {
  save(sequence_ / "input/in000001.jpg", gray_image(1));
  save(sequence_ / "GT_background1.jpg", gray_image(1));
  expect_refused({"highway", "images of its background", "SBMnet", "no labels"});
}

// A real sequence, whose ROI.bmp has another size than its frames, against its own labels.
TEST_F(EvaluateSequence, GroundTruthAgainstItselfIsPerfect) {
  const fs::path real =
      fs::path(PROXSEG_SOURCE_DIR) / "../shared/data/CDnet2014/cameraJitter_traffic_sub";
  if (!fs::exists(real)) GTEST_SKIP() << "the real sequences are not here";
  for (const auto& entry : fs::directory_iterator(real / "groundtruth")) {
    save(masks_ / "mask" / entry.path().filename(), to_gray(read_image(entry.path())) == 255);
  }
  const SequenceEvaluation result = evaluate_sequence(masks_, real);
  EXPECT_EQ(result.score.frames, 101);
  EXPECT_GT(result.confusion.tp, 0);
  EXPECT_EQ(result.score.measures.f_measure, 1);
  EXPECT_EQ(result.score.measures.pwc, 0);
}

}  // namespace
}  // namespace proxseg
