#include "proxseg/eval/measures.h"

#include <gtest/gtest.h>

#include <cmath>

namespace proxseg {
namespace {

TEST(Measures, AreThoseOfCdnet) {
  const Measures m =
      measures_of({.tp = 6, .fp = 2, .fn = 4, .tn = 88, .shadow = 5, .shadow_fp = 1});
  EXPECT_DOUBLE_EQ(m.recall, 0.6);
  EXPECT_DOUBLE_EQ(m.specificity, 88.0 / 90.0);
  EXPECT_DOUBLE_EQ(m.fpr, 2.0 / 90.0);
  EXPECT_DOUBLE_EQ(m.fnr, 0.4);
  EXPECT_DOUBLE_EQ(m.pwc, 6.0);
  EXPECT_DOUBLE_EQ(m.precision, 0.75);
  EXPECT_DOUBLE_EQ(m.f_measure, 2 * 0.6 * 0.75 / (0.6 + 0.75));
  EXPECT_DOUBLE_EQ(m.shadow_fpr, 0.2);
}

TEST(Measures, OfNothingAreTheBest) {
  const Measures m = measures_of({});
  for (const double good : {m.recall, m.specificity, m.precision, m.f_measure}) EXPECT_EQ(good, 1);
  for (const double bad : {m.fpr, m.fnr, m.pwc, m.shadow_fpr}) EXPECT_EQ(bad, 0);
}

TEST(Measures, FalseAlarmsWithoutForegroundCostPrecisionAndF) {
  const Measures m = measures_of({.fp = 1, .tn = 9});
  EXPECT_EQ(m.recall, 1);
  EXPECT_EQ(m.precision, 0);
  EXPECT_EQ(m.f_measure, 0);
}

TEST(Measures, AnEmptyMaskCostsRecallAndF) {
  const Measures m = measures_of({.fn = 1, .tn = 9});
  EXPECT_EQ(m.recall, 0);
  EXPECT_EQ(m.precision, 1);
  EXPECT_EQ(m.f_measure, 0);
}

TEST(Measures, AreFiniteAndComplementaryWhateverIsZero) {
  for (int bits = 0; bits < 16; ++bits) {
    const auto count = [&](int bit) { return bits >> bit & 1 ? int64_t{3} << bit : 0; };
    const Measures m =
        measures_of({.tp = count(0), .fp = count(1), .fn = count(2), .tn = count(3)});
    for (const auto& [name, value] : kMeasures) {
      EXPECT_TRUE(std::isfinite(m.*value)) << name << " of case " << bits;
      EXPECT_GE(m.*value, 0) << name;
      EXPECT_LE(m.*value, value == &Measures::pwc ? 100 : 1) << name;
    }
    EXPECT_DOUBLE_EQ(m.recall + m.fnr, 1);
    EXPECT_DOUBLE_EQ(m.specificity + m.fpr, 1);
  }
}

TEST(Measures, CountBeyond32Bits) {
  const int64_t many = int64_t{1} << 40;
  EXPECT_DOUBLE_EQ(measures_of({.tp = many, .fn = 3 * many}).recall, 0.25);
}

TEST(Measures, MeanIsOfEachByItself) {
  Measures a, b;
  a.recall = 0.2, b.recall = 0.6;
  a.pwc = 10, b.pwc = 30;
  a.f_measure = 1;
  const Measures m = mean({a, b});
  EXPECT_DOUBLE_EQ(m.recall, 0.4);
  EXPECT_DOUBLE_EQ(m.pwc, 20);
  EXPECT_DOUBLE_EQ(m.f_measure, 0.5);
  EXPECT_DOUBLE_EQ(m.precision, 0);
}

}  // namespace
}  // namespace proxseg
