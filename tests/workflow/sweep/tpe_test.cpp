#include "workflow/sweep/tpe.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>

#include "proxseg/workflow/sweep/sweep_file.h"

namespace proxseg {
namespace {

void keep_all(Places&) {}

Places anywhere(size_t fields, std::mt19937_64& random) {
  Places places(fields);
  for (auto& place : places) place = uniform(random);
  return places;
}

// Twelve fields of which some matter much, most hardly; the last is a choice of three.
double cost_of(const Places& x) {
  constexpr double kBest[] = {0.3, 0.7, 0.55, 0.2, 0.8, 0.4, 0.6, 0.5, 0.35, 0.65, 0.45};
  constexpr double kWeight[] = {4, 2.4, 1.6, 0.8, 0.4, 0.2, 0.1, 0.1, 0.1, 0, 0};
  double cost = std::floor(*x[11] * 3.0) == 1.0 ? 0.0 : 0.2;
  for (size_t i = 0; i < 11; ++i) cost += kWeight[i] * std::pow(*x[i] - kBest[i], 2);
  return cost;
}

std::vector<TpeField> twelve_fields() {
  std::vector<TpeField> fields(12);
  fields[11].choices = 3;
  return fields;
}

// The least cost of 30 points.
double least(uint64_t seed, int drawn_at_random) {
  std::mt19937_64 random(seed);
  std::vector<TpeObservation> seen;
  double least = 1e9;
  for (int i = 0; i < 30; ++i) {
    const Places x = i < drawn_at_random ? anywhere(12, random)
                                         : suggest(twelve_fields(), seen, keep_all, random);
    seen.push_back({x, cost_of(x)});
    least = std::min(least, seen.back().cost);
  }
  return least;
}

TEST(Tpe, FindsBetterPointsThanChance) {
  constexpr int kSeeds = 40;
  int better = 0;
  double learned = 0.0, random = 0.0;
  for (int seed = 1; seed <= kSeeds; ++seed) {
    const double with = least(seed, 5), without = least(seed, 30);
    better += with < without;
    learned += with / kSeeds;
    random += without / kSeeds;
  }
  EXPECT_GE(better, kSeeds * 3 / 4);
  EXPECT_LT(learned, 0.7 * random);
}

TEST(Tpe, StaysNearWhatDidWell) {
  std::mt19937_64 random(1);
  std::vector<TpeObservation> seen;
  for (int i = 0; i < 50; ++i) {
    const double x = (i + 0.5) / 50;
    seen.push_back({{x}, std::abs(x - 0.2)});
  }
  int near = 0;
  for (int i = 0; i < 100; ++i) {
    const Places places = suggest({{}}, seen, keep_all, random);
    ASSERT_GE(*places[0], 0.0);
    ASSERT_LE(*places[0], 1.0);
    near += std::abs(*places[0] - 0.2) < 0.1;
  }
  EXPECT_GT(near, 90);
}

TEST(Tpe, TheOrderOfCostsAloneCounts) {
  std::mt19937_64 one(3), other(3);
  std::vector<TpeObservation> seen, stretched;
  for (int i = 0; i < 20; ++i) {
    const Places x = {uniform(one), uniform(one)};
    seen.push_back({x, *x[0]});
    stretched.push_back({x, 1000 * std::exp(*x[0])});
  }
  one.seed(4), other.seed(4);
  EXPECT_EQ(suggest({{}, {}}, seen, keep_all, one), suggest({{}, {}}, stretched, keep_all, other));
}

TEST(Tpe, FieldsThatDoNotTakePartSayNothing) {
  std::mt19937_64 random(5);
  // The second field takes part where the first is above a half, and does well near 0.9.
  const auto drop = [](Places& x) {
    if (*x[0] <= 0.5) x[1].reset();
  };
  std::vector<TpeObservation> seen;
  for (int i = 0; i < 40; ++i) {
    Places x = anywhere(2, random);
    drop(x);
    seen.push_back({x, x[1] ? std::abs(*x[1] - 0.9) : 1.0});
  }
  int together = 0;
  for (int i = 0; i < 50; ++i) {
    const Places places = suggest({{}, {}}, seen, drop, random);
    EXPECT_EQ(places[1].has_value(), *places[0] > 0.5);
    together += places[1] && std::abs(*places[1] - 0.9) < 0.2;
  }
  EXPECT_GT(together, 40);
}

}  // namespace
}  // namespace proxseg
