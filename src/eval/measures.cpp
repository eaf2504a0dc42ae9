#include "proxseg/eval/measures.h"

#include <algorithm>
#include <numeric>
#include <stdexcept>

#include "proxseg/media/cdnet.h"

namespace proxseg {
namespace {

double ratio(int64_t part, int64_t whole, double of_nothing) {
  return whole == 0 ? of_nothing : static_cast<double>(part) / static_cast<double>(whole);
}

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

Measures measures_of(const Confusion& c) {
  const int64_t positive = c.tp + c.fn;
  const int64_t negative = c.tn + c.fp;
  Measures measures;
  measures.recall = ratio(c.tp, positive, 1.0);
  measures.specificity = ratio(c.tn, negative, 1.0);
  measures.fpr = ratio(c.fp, negative, 0.0);
  measures.fnr = ratio(c.fn, positive, 0.0);
  measures.pwc = 100.0 * ratio(c.fn + c.fp, positive + negative, 0.0);
  measures.precision = ratio(c.tp, c.tp + c.fp, 1.0);
  measures.f_measure = ratio(2 * c.tp, 2 * c.tp + c.fp + c.fn, 1.0);
  measures.shadow_fpr = ratio(c.shadow_fp, c.shadow, 0.0);
  return measures;
}

Measures mean(const std::vector<Measures>& parts) {
  Measures result;
  for (const auto& [name, value] : kMeasures) {
    for (const Measures& part : parts) result.*value += part.*value;
    result.*value /= static_cast<double>(parts.size());
  }
  return result;
}

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
