#include "proxseg/eval/comparison.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <nlohmann/json.hpp>
#include <sstream>

#include "proxseg/core/error.h"
#include "support/expect_error.h"

namespace proxseg {
namespace {

using ::testing::SizeIs;
using ::testing::StartsWith;

MethodResult result(const std::string& sequence, const std::string& method,
                    const Confusion& confusion, double rate,
                    std::optional<double> training = std::nullopt) {
  return {sequence, method, measures_of(confusion), rate, training};
}

constexpr Confusion kHalf{.tp = 1, .fp = 1, .fn = 1, .tn = 1};
constexpr Confusion kQuarter{.tp = 1, .fp = 3, .fn = 0, .tn = 1};  // Pr 0.25, Re 1, F 0.4

Comparison two_sequences() {
  return {result("a", "proxseg", kHalf, 10.0, 60.0), result("a", "knn", kHalf, 100.0),
          result("b,c", "proxseg", kQuarter, 20.0, 90.5), result("b,c", "knn", kHalf, 300.0)};
}

std::vector<std::string> lines_of(const std::string& text) {
  std::vector<std::string> lines;
  std::istringstream stream(text);
  for (std::string line; std::getline(stream, line);) lines.push_back(line);
  return lines;
}

TEST(Comparison, MeansAreOfEachMethodOverItsSequences) {
  const auto means = nlohmann::json::parse(to_json(two_sequences())).at("means");
  ASSERT_THAT(means, SizeIs(2));
  EXPECT_EQ(means[0].at("method"), "proxseg");
  EXPECT_DOUBLE_EQ(means[0].at("Pr"), 0.375);
  EXPECT_DOUBLE_EQ(means[0].at("Re"), 0.75);
  EXPECT_DOUBLE_EQ(means[0].at("F"), 0.45);
  EXPECT_DOUBLE_EQ(means[0].at("frames_per_second"), 15.0);
  EXPECT_DOUBLE_EQ(means[0].at("training_seconds"), 75.25);
  EXPECT_EQ(means[1].at("method"), "knn");
  EXPECT_DOUBLE_EQ(means[1].at("frames_per_second"), 200.0);
  EXPECT_FALSE(means[1].contains("training_seconds"));
}

TEST(Comparison, TextAlignsItsColumnsAndEndsWithTheMeans) {
  const auto lines = lines_of(to_text(two_sequences()));
  ASSERT_THAT(lines, SizeIs(7));
  EXPECT_EQ(lines[0], "sequence  method        F      Pr      Re  frames/s  training");
  EXPECT_EQ(lines[1], "a         proxseg  0.5000  0.5000  0.5000      10.0    60.0 s");
  EXPECT_EQ(lines[2], "a         knn      0.5000  0.5000  0.5000     100.0");
  EXPECT_EQ(lines[5], "mean      proxseg  0.4500  0.3750  0.7500      15.0    75.2 s");
  EXPECT_THAT(lines[6], StartsWith("mean      knn "));
}

TEST(Comparison, OneSequenceHasNoMeans) {
  Comparison comparison = two_sequences();
  comparison.resize(2);
  EXPECT_THAT(lines_of(to_text(comparison)), SizeIs(3));
  EXPECT_THAT(lines_of(to_csv(comparison)), SizeIs(3));
}

TEST(Comparison, MarkdownIsATable) {
  const auto lines = lines_of(to_markdown(two_sequences()));
  ASSERT_THAT(lines, SizeIs(8));
  EXPECT_EQ(lines[0], "| sequence | method | F | Pr | Re | frames/s | training |");
  EXPECT_EQ(lines[1], "|---|---|---:|---:|---:|---:|---:|");
  EXPECT_EQ(lines[2], "| a | proxseg | 0.5000 | 0.5000 | 0.5000 | 10.0 | 60.0 s |");
}

TEST(Comparison, CsvHasAllDigitsAndQuotesNames) {
  const auto lines = lines_of(to_csv(two_sequences()));
  ASSERT_THAT(lines, SizeIs(7));
  EXPECT_EQ(lines[0], "level,sequence,method,F,Pr,Re,frames_per_second,training_seconds");
  EXPECT_EQ(lines[3], "sequence,\"b,c\",proxseg,0.4,0.25,1,20,90.5");
  EXPECT_EQ(lines[4], "sequence,\"b,c\",knn,0.5,0.5,0.5,300,");
  EXPECT_THAT(lines[5], StartsWith("mean,mean,proxseg,0.45,0.375,0.75,15,75.25"));
}

TEST(Comparison, JsonHoldsEveryMeasureOfResultsAndMeans) {
  const auto json = nlohmann::json::parse(to_json(two_sequences()));
  ASSERT_EQ(json.at("results").size(), 4U);
  const auto& first = json["results"][0];
  EXPECT_EQ(first.at("sequence"), "a");
  EXPECT_EQ(first.at("method"), "proxseg");
  EXPECT_EQ(first.at("PWC"), 50.0);
  EXPECT_EQ(first.at("training_seconds"), 60.0);
  EXPECT_FALSE(json["results"][1].contains("training_seconds"));
  EXPECT_EQ(json.at("means").at(1).at("frames_per_second"), 200.0);
}

TEST(Comparison, AResultIsReadBackAsItWas) {
  const MethodResult before = result("a/\"b\"", "proxseg", {.tp = 1, .fp = 2}, 1.0 / 3.0, 0.1);
  const MethodResult after = method_result_from_json(to_json(before));
  EXPECT_EQ(after.sequence, before.sequence);
  EXPECT_EQ(after.method, before.method);
  EXPECT_EQ(after.measures.precision, before.measures.precision);
  EXPECT_EQ(after.measures.pwc, before.measures.pwc);
  EXPECT_EQ(after.frames_per_second, before.frames_per_second);
  EXPECT_EQ(after.training_seconds, before.training_seconds);
  EXPECT_FALSE(method_result_from_json(to_json(result("a", "knn", kHalf, 1.0))).training_seconds);
}

TEST(Comparison, AnythingElseIsNoResult) {
  EXPECT_THROW(method_result_from_json("{"), InputError);
  EXPECT_THROW(method_result_from_json("{\"sequence\": 3}"), InputError);
}

}  // namespace
}  // namespace proxseg
