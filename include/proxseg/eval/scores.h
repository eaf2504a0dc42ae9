// Scores of pixels against their labels, at every threshold at once.
#pragma once

#include <array>
#include <cstdint>
#include <opencv2/core.hpp>

#include "proxseg/eval/measures.h"

namespace proxseg {

// Evaluated pixels of each label, by score.
struct ScoreHistogram {
  std::array<int64_t, 256> still{};
  std::array<int64_t, 256> shadow{};
  std::array<int64_t, 256> moving{};

  // scores: 8UC1; labels (media/cdnet.h): 8UC1 of the same size. Throws invalid_argument.
  void add(const cv::Mat& scores, const cv::Mat& labels);
};

// By threshold: a pixel counts as foreground if its score is at least the threshold.
using ScoreCurve = std::array<Confusion, 256>;

ScoreCurve curve_of(const ScoreHistogram& histogram);

// The threshold of the highest F, the lowest one of several.
int best_threshold(const ScoreCurve& curve);

// Area under the precision-recall curve, step-wise: the sum over thresholds t from 255 down to 0 of
// (recall(t) - recall(t + 1)) precision(t), with recall(256) = 0. Without foreground recall is 1
// throughout, so that it is precision(255).
double average_precision(const ScoreCurve& curve);

}  // namespace proxseg
