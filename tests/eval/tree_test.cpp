#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "eval/labelled_sequence.h"
#include "proxseg/eval/evaluate.h"
#include "support/expect_error.h"

namespace proxseg {
namespace {

using ::testing::ElementsAre;

class EvaluateTree : public testing::Test {
 protected:
  void save_sequence(const std::string& path, int tp) const {
    save_frame(truth_ / path, masks_ / path, 1, tp);
  }

  TemporaryFolder folder_;
  std::filesystem::path truth_ = folder_ / "dataset";
  std::filesystem::path masks_ = folder_ / "results";
};

std::vector<std::string> names_of(const Evaluation& evaluation) {
  std::vector<std::string> names;
  for (const auto& sequence : evaluation.sequences) names.push_back(sequence.score.name);
  return names;
}

std::vector<std::pair<std::string, double>> recalls_of(const std::vector<Score>& scores) {
  std::vector<std::pair<std::string, double>> recalls;
  for (const Score& score : scores) recalls.emplace_back(score.name, score.measures.recall);
  return recalls;
}

TEST_F(EvaluateTree, AveragesVideosThenCategories) {
  save_sequence("shadow/bus", 4);
  save_sequence("baseline/office", 1);
  save_sequence("baseline/highway", 2);
  save_text(truth_ / "readme.txt", "");
  const Evaluation result = evaluate(masks_, truth_);
  EXPECT_THAT(names_of(result), ElementsAre("baseline/highway", "baseline/office", "shadow/bus"));
  EXPECT_EQ(result.sequences[2].category, "shadow");
  EXPECT_EQ(result.sequences[2].masks, masks_ / "shadow/bus");
  EXPECT_THAT(recalls_of(result.categories),
              ElementsAre(std::pair("baseline", 0.375), std::pair("shadow", 1.0)));
  EXPECT_EQ(result.categories[0].frames, 2);
  EXPECT_DOUBLE_EQ(result.overall.measures.recall, (0.375 + 1) / 2);
  EXPECT_DOUBLE_EQ(result.overall.measures.f_measure, ((4.0 / 6 + 2.0 / 5) / 2 + 1) / 2);
  EXPECT_EQ(result.overall.frames, 3);
}

TEST_F(EvaluateTree, SequencesWithoutCategoryFormOne) {
  save_sequence("a", 4);
  save_sequence("b", 0);
  const Evaluation result = evaluate(masks_, truth_);
  EXPECT_THAT(names_of(result), ElementsAre("a", "b"));
  EXPECT_THAT(recalls_of(result.categories), ElementsAre(std::pair("", 0.5)));
  EXPECT_DOUBLE_EQ(result.overall.measures.recall, 0.5);
}

TEST_F(EvaluateTree, FindsLabelsBesideFramesAndInAFolderOfTheSameName) {
  for (const std::string frames : {"I_SI_01/I_SI_01", "O_CL_01"}) {
    std::filesystem::create_directories(truth_ / frames);
    save(truth_ / (frames + "-GT/gt_5.png"), pixels({255}));
  }
  save_mask(masks_ / "I_SI_01", 5, pixels({255}));
  save_mask(masks_ / "O_CL_01", 5, pixels({0}));
  const Evaluation result = evaluate(masks_, truth_);
  EXPECT_THAT(names_of(result), ElementsAre("I_SI_01", "O_CL_01"));
  EXPECT_DOUBLE_EQ(result.overall.measures.recall, 0.5);
}

TEST_F(EvaluateTree, ASequenceIsATreeOfItself) {
  save_frame(truth_, masks_, 1, 3);
  const Evaluation result = evaluate(masks_, truth_);
  EXPECT_THAT(names_of(result), ElementsAre("dataset"));
  EXPECT_EQ(result.sequences[0].category, "");
  EXPECT_DOUBLE_EQ(result.overall.measures.recall, 0.75);
}

TEST_F(EvaluateTree, AveragesPrecisionOfSoftMasks) {
  for (const auto& [name, score] : {std::pair{"a", 200}, {"b", 10}}) {
    save_labels(truth_ / name, 1, pixels({255, 0}));
    save(masks_ / name / "soft/1.png", pixels({static_cast<uint8_t>(score), 100}));
  }
  const Evaluation result = evaluate(masks_, truth_, MaskKind::kSoft);
  EXPECT_EQ(result.kind, MaskKind::kSoft);
  EXPECT_DOUBLE_EQ(result.sequences[0].score.average_precision, 1);
  EXPECT_DOUBLE_EQ(result.sequences[1].score.average_precision, 0.5);
  EXPECT_DOUBLE_EQ(result.overall.average_precision, 0.75);
}

TEST_F(EvaluateTree, TellsEachSequence) {
  save_sequence("a", 4);
  save_sequence("b", 4);
  std::vector<std::pair<int64_t, int64_t>> calls;
  evaluate(masks_, truth_, MaskKind::kBinary,
           [&](int64_t done, int64_t total) { calls.emplace_back(done, total); });
  EXPECT_THAT(calls, ElementsAre(std::pair(1, 2), std::pair(2, 2)));
}

TEST_F(EvaluateTree, RefusesASequenceWithoutMasks) {
  save_sequence("a/x", 4);
  save_labels(truth_ / "a/y", 1, pixels({255}));
  expect_error(ExitCode::kInput, {(masks_ / "a/y").string()}, [&] { evaluate(masks_, truth_); });
}

TEST_F(EvaluateTree, RefusesFoldersWithoutSequences) {
  expect_error(ExitCode::kInput, {"cannot list", truth_.string()},
               [&] { evaluate(masks_, truth_); });
  std::filesystem::create_directories(truth_ / "a/input");
  expect_error(ExitCode::kInput, {"no ground truth", truth_.string()},
               [&] { evaluate(masks_, truth_); });
}

}  // namespace
}  // namespace proxseg
