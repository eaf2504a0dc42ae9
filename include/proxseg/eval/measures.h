// Pixels counted by the rule of CDnet 2014 (Wang et al., CVPR Workshops 2014), at every threshold
// at once, and the measures made of them.
#pragma once

#include <array>
#include <cstdint>
#include <opencv2/core.hpp>
#include <vector>

namespace proxseg {

// Positive is foreground. Pixels of unknown motion and outside the ROI are in none of the counts.
struct Confusion {
  int64_t tp = 0;
  int64_t fp = 0;
  int64_t fn = 0;
  int64_t tn = 0;
  int64_t shadow = 0;     // part of fp + tn that is labelled hard shadow
  int64_t shadow_fp = 0;  // part of fp that is

  bool operator==(const Confusion&) const = default;
};

// All in [0, 1], except pwc in [0, 100]. A measure whose denominator is 0 takes its best value:
// recall, specificity, precision and F are then 1, the error rates 0. So recall + fnr and
// specificity + fpr are always 1, a mask without foreground has precision 1, and F is 1 if there is
// no foreground and none was found.
struct Measures {
  double recall = 0.0;       // tp / (tp + fn)
  double specificity = 0.0;  // tn / (tn + fp)
  double fpr = 0.0;          // fp / (tn + fp)
  double fnr = 0.0;          // fn / (tp + fn)
  double pwc = 0.0;          // 100 (fn + fp) / (tp + fn + fp + tn)
  double precision = 0.0;    // tp / (tp + fp)
  double f_measure = 0.0;    // 2 tp / (2 tp + fp + fn), the harmonic mean of recall and precision
  double shadow_fpr = 0.0;   // shadow_fp / shadow
};

// Each measure with CDnet's name for it, in CDnet's order.
struct MeasureName {
  const char* name;
  double Measures::*value;
};
inline constexpr std::array<MeasureName, 8> kMeasures = {{{"Re", &Measures::recall},
                                                          {"Sp", &Measures::specificity},
                                                          {"FPR", &Measures::fpr},
                                                          {"FNR", &Measures::fnr},
                                                          {"PWC", &Measures::pwc},
                                                          {"Pr", &Measures::precision},
                                                          {"F", &Measures::f_measure},
                                                          {"FPR-S", &Measures::shadow_fpr}}};

Measures measures_of(const Confusion& confusion);

// The mean of each measure. parts: at least one.
Measures mean(const std::vector<Measures>& parts);

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
