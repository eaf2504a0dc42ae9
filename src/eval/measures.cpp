#include "proxseg/eval/measures.h"

namespace proxseg {
namespace {

double ratio(int64_t part, int64_t whole, double of_nothing) {
  return whole == 0 ? of_nothing : static_cast<double>(part) / static_cast<double>(whole);
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

}  // namespace proxseg
