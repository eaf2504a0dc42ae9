#include "proxseg/eval/evaluate.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <nlohmann/json.hpp>
#include <sstream>

namespace proxseg {
namespace {

using ::testing::SizeIs;
using ::testing::StartsWith;

Score score(const std::string& name, const Confusion& confusion) {
  return {name, 10, measures_of(confusion), 0.25};
}

// Two categories, one video each.
Evaluation small_evaluation(MaskKind kind = MaskKind::kBinary) {
  const Confusion half{.tp = 1, .fp = 1, .fn = 1, .tn = 3, .shadow = 4, .shadow_fp = 1};
  const Confusion full{.tp = 4};
  Evaluation result;
  result.kind = kind;
  result.sequences = {{score("a/x", half), "a", "masks/a/x", {}, 77, half, {}},
                      {score("b/long name", full), "b", "masks/b/y", {}, 128, full, {}}};
  result.categories = {score("a", half), score("b", full)};
  result.overall = score("overall", full);
  return result;
}

std::vector<std::string> report_lines(const std::string& text) {
  std::vector<std::string> lines;
  std::istringstream stream(text);
  for (std::string line; std::getline(stream, line);) lines.push_back(line);
  return lines;
}

TEST(EvaluationReport, TextAlignsItsColumns) {
  const auto lines = report_lines(to_text(small_evaluation()));
  ASSERT_THAT(lines, SizeIs(6));
  EXPECT_EQ(lines[0],
            "sequence     frames      Re      Sp     FPR     FNR      PWC      Pr       F   FPR-S");
  EXPECT_EQ(lines[1],
            "a/x              10  0.5000  0.7500  0.2500  0.5000  33.3333  0.5000  0.5000  0.2500");
  EXPECT_THAT(lines[3], StartsWith("mean of a "));
  EXPECT_THAT(lines[5], StartsWith("overall "));
  for (const std::string& line : lines) EXPECT_EQ(line.size(), lines[0].size()) << line;
}

TEST(EvaluationReport, OneSequenceIsOneRow) {
  Evaluation evaluation = small_evaluation();
  evaluation.sequences.resize(1);
  evaluation.categories = {score("", {})};
  EXPECT_THAT(report_lines(to_text(evaluation)), SizeIs(2));
  EXPECT_THAT(report_lines(to_csv(evaluation)), SizeIs(2));
}

TEST(EvaluationReport, SoftMasksAddThresholdAndAveragePrecision) {
  const auto lines = report_lines(to_csv(small_evaluation(MaskKind::kSoft)));
  EXPECT_EQ(lines[0], "level,name,frames,Re,Sp,FPR,FNR,PWC,Pr,F,FPR-S,threshold,AP");
  EXPECT_THAT(lines[1], testing::EndsWith(",0.25,77,0.25"));
  EXPECT_EQ(lines[5], "overall,overall,10,1,1,0,0,0,1,1,0,,0.25");
}

TEST(EvaluationReport, CsvHasAllDigitsAndQuotesNames) {
  Evaluation evaluation = small_evaluation();
  evaluation.sequences[0].score.name = "a,\"b\"";
  const auto lines = report_lines(to_csv(evaluation));
  EXPECT_EQ(lines[0], "level,name,frames,Re,Sp,FPR,FNR,PWC,Pr,F,FPR-S");
  EXPECT_THAT(lines[1],
              StartsWith("sequence,\"a,\"\"b\"\"\",10,0.5,0.75,0.25,0.5,33.33333333333333"));
  EXPECT_EQ(lines[4], "category,b,10,1,1,0,0,0,1,1,0");
}

TEST(EvaluationReport, MarkdownIsATable) {
  Evaluation evaluation = small_evaluation();
  evaluation.sequences[0].score.name = "a|x";
  const auto lines = report_lines(to_markdown(evaluation));
  ASSERT_THAT(lines, SizeIs(7));
  EXPECT_EQ(lines[0], "| sequence | frames | Re | Sp | FPR | FNR | PWC | Pr | F | FPR-S |");
  EXPECT_EQ(lines[1], "|---|---:|---:|---:|---:|---:|---:|---:|---:|---:|");
  EXPECT_THAT(lines[2], StartsWith("| a\\|x | 10 | 0.5000 |"));
}

TEST(EvaluationReport, JsonHoldsCountsAndMeans) {
  const auto json = nlohmann::json::parse(to_json(small_evaluation()));
  const auto& first = json.at("sequences").at(0);
  EXPECT_EQ(first.at("name"), "a/x");
  EXPECT_EQ(first.at("category"), "a");
  EXPECT_EQ(first.at("FP"), 1);
  EXPECT_EQ(first.at("shadow_FP"), 1);
  EXPECT_EQ(first.at("F"), 0.5);
  EXPECT_FALSE(first.contains("AP"));
  EXPECT_EQ(json.at("categories").at(1).at("F"), 1);
  EXPECT_EQ(json.at("overall").at("frames"), 10);
}

TEST(EvaluationReport, JsonIsValidWhateverANameHolds) {
  Evaluation evaluation = small_evaluation();
  evaluation.sequences[0].score.name = "\"\xff\n";
  EXPECT_TRUE(nlohmann::json::accept(to_json(evaluation)));
}

TEST(EvaluationReport, CurvesHaveARowForEveryThreshold) {
  Evaluation evaluation = small_evaluation(MaskKind::kSoft);
  evaluation.sequences[1].curve[3] = {.tp = 1, .fp = 3, .fn = 1, .tn = 1};
  const auto lines = report_lines(curves_to_csv(evaluation));
  ASSERT_THAT(lines, SizeIs(1 + 2 * 256));
  EXPECT_EQ(lines[0], "sequence,threshold,Re,FPR,Pr,F");
  EXPECT_THAT(lines[1], StartsWith("a/x,0,"));
  EXPECT_THAT(lines[1 + 256 + 3], StartsWith("b/long name,3,0.5,0.75,0.25,0.333333"));
}

TEST(EvaluationReport, CmHasTheFiveCounts) {
  EXPECT_EQ(to_cm({.tp = 1, .fp = 2, .fn = 3, .tn = 4, .shadow = 9, .shadow_fp = 5}),
            "1 2 3 4 5\n");
}

}  // namespace
}  // namespace proxseg
