#include "proxseg/eval/scores.h"

#include <algorithm>
#include <numeric>
#include <stdexcept>

#include "proxseg/media/cdnet.h"

namespace proxseg {
namespace {

// Null for labels that are ignored.
std::array<int64_t, 256>* bins_of(ScoreHistogram& histogram, uint8_t value) {
  switch (value) {
    case label::kStatic:
      return &histogram.still;
    case label::kHardShadow:
      return &histogram.shadow;
    case label::kMoving:
      return &histogram.moving;
    default:
      return nullptr;
  }
}

int64_t total(const std::array<int64_t, 256>& bins) {
  return std::accumulate(bins.begin(), bins.end(), int64_t{0});
}

}  // namespace

void ScoreHistogram::add(const cv::Mat& scores, const cv::Mat& labels) {
  if (scores.type() != CV_8UC1 || labels.type() != CV_8UC1 || scores.size() != labels.size()) {
    throw std::invalid_argument("ScoreHistogram: scores and labels must be 8UC1 of one size");
  }
  for (int y = 0; y < labels.rows; ++y) {
    const uint8_t* score_row = scores.ptr(y);
    const uint8_t* label_row = labels.ptr(y);
    for (int x = 0; x < labels.cols; ++x) {
      if (auto* bins = bins_of(*this, label_row[x])) ++(*bins)[score_row[x]];
    }
  }
}

ScoreCurve curve_of(const ScoreHistogram& histogram) {
  Confusion at;  // the threshold, at first above every score
  at.fn = total(histogram.moving);
  at.shadow = total(histogram.shadow);
  at.tn = total(histogram.still) + at.shadow;
  ScoreCurve curve;
  for (size_t t = curve.size(); t-- > 0;) {
    const int64_t negatives = histogram.still[t] + histogram.shadow[t];
    at.tp += histogram.moving[t];
    at.fn -= histogram.moving[t];
    at.fp += negatives;
    at.tn -= negatives;
    at.shadow_fp += histogram.shadow[t];
    curve[t] = at;
  }
  return curve;
}

int best_threshold(const ScoreCurve& curve) {
  const auto best =
      std::max_element(curve.begin(), curve.end(), [](const Confusion& a, const Confusion& b) {
        return measures_of(a).f_measure < measures_of(b).f_measure;
      });
  return static_cast<int>(best - curve.begin());
}

double average_precision(const ScoreCurve& curve) {
  double area = 0.0;
  double recall = 0.0;
  for (size_t t = curve.size(); t-- > 0;) {
    const Measures measures = measures_of(curve[t]);
    area += (measures.recall - recall) * measures.precision;
    recall = measures.recall;
  }
  return area;
}

}  // namespace proxseg
