#include "proxseg/eval/measures.h"

#include <gtest/gtest.h>

#include <array>
#include <stdexcept>

#include "eval/labelled_sequence.h"

namespace proxseg {
namespace {

ScoreCurve curve_of(const cv::Mat& scores, const cv::Mat& labels) {
  ScoreHistogram histogram;
  histogram.add(scores, labels);
  return curve_of(histogram);
}

// Noise with every label, on which scores depend a little.
struct RandomCase {
  cv::Mat scores = cv::Mat(23, 37, CV_8UC1);
  cv::Mat labels = cv::Mat(23, 37, CV_8UC1);

  explicit RandomCase(uint64_t seed) {
    constexpr std::array<uint8_t, 5> kLabels = {0, 50, 85, 170, 255};
    cv::RNG random(seed);
    for (int i = 0; i < static_cast<int>(labels.total()); ++i) {
      const uint8_t label = kLabels.at(random.uniform(0, 5));
      labels.data[i] = label;
      scores.data[i] = static_cast<uint8_t>(random.uniform(0, 128) + label / 2);
    }
  }
};

// Threshold by threshold, pixel by pixel.
Confusion brute_force(const RandomCase& c, int threshold) {
  Confusion result;
  for (int i = 0; i < static_cast<int>(c.labels.total()); ++i) {
    const int label = c.labels.data[i];
    const bool found = c.scores.data[i] >= threshold;
    if (label == 255) ++(found ? result.tp : result.fn);
    if (label == 0 || label == 50) ++(found ? result.fp : result.tn);
    if (label == 50) ++result.shadow;
    if (label == 50 && found) ++result.shadow_fp;
  }
  return result;
}

TEST(ScoreCurve, IsTheConfusionAtEveryThreshold) {
  const RandomCase c(1);
  const ScoreCurve curve = curve_of(c.scores, c.labels);
  for (int t = 0; t < 256; ++t) EXPECT_EQ(curve.at(t), brute_force(c, t)) << t;
}

TEST(ScoreCurve, AddsUpFrames) {
  const RandomCase a(1), b(2);
  ScoreHistogram histogram;
  histogram.add(a.scores, a.labels);
  histogram.add(b.scores, b.labels);
  const ScoreCurve both = curve_of(histogram);
  EXPECT_EQ(both[90].tp, brute_force(a, 90).tp + brute_force(b, 90).tp);
  EXPECT_EQ(both[90].tn, brute_force(a, 90).tn + brute_force(b, 90).tn);
}

TEST(ScoreCurve, RefusesImagesThatDoNotMatch) {
  ScoreHistogram histogram;
  EXPECT_THROW(histogram.add(gray_image(0), gray_image(0, {8, 8})), std::invalid_argument);
  EXPECT_THROW(histogram.add(color_image(0), gray_image(0)), std::invalid_argument);
}

TEST(BestThreshold, IsWhereBruteForceFindsTheHighestF) {
  const RandomCase c(3);
  int best = 0;
  const auto f_at = [&](int t) { return measures_of(brute_force(c, t)).f_measure; };
  for (int t = 1; t < 256; ++t) best = f_at(t) > f_at(best) ? t : best;
  EXPECT_EQ(best_threshold(curve_of(c.scores, c.labels)), best);
}

TEST(AveragePrecision, IsTheMeanPrecisionAtThePositives) {
  const RandomCase c(4);
  double sum = 0;
  int positives = 0;
  for (int i = 0; i < static_cast<int>(c.labels.total()); ++i) {
    if (c.labels.data[i] != 255) continue;
    sum += measures_of(brute_force(c, c.scores.data[i])).precision;
    ++positives;
  }
  EXPECT_NEAR(average_precision(curve_of(c.scores, c.labels)), sum / positives, 1e-12);
}

TEST(AveragePrecision, AndBestThresholdOfFourPixels) {
  const ScoreCurve curve = curve_of(pixels({200, 150, 100, 50}), pixels({255, 0, 255, 50}));
  EXPECT_DOUBLE_EQ(average_precision(curve), 0.5 * 1 + 0.5 * 2 / 3);
  EXPECT_EQ(best_threshold(curve), 51);
  EXPECT_DOUBLE_EQ(measures_of(curve[51]).f_measure, 0.8);
}

TEST(AveragePrecision, OfSeparableScoresIsOne) {
  const ScoreCurve curve = curve_of(pixels({90, 91, 92, 255}), pixels({0, 255, 255, 170}));
  EXPECT_DOUBLE_EQ(average_precision(curve), 1);
  EXPECT_EQ(best_threshold(curve), 91);
}

TEST(AveragePrecision, WithoutForegroundSaysWhetherAnyScoreIsFull) {
  EXPECT_EQ(average_precision(curve_of(pixels({0, 254}), pixels({0, 0}))), 1);
  EXPECT_EQ(average_precision(curve_of(pixels({0, 255}), pixels({0, 0}))), 0);
}

}  // namespace
}  // namespace proxseg
