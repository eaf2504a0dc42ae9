#include "proxseg/track/assignment.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <numeric>
#include <set>

namespace proxseg {
namespace {

constexpr double kInfinity = std::numeric_limits<double>::infinity();

struct Outcome {
  int pairs = 0;
  double cost = 0.0;
};

// Fails where a column has two rows.
Outcome outcome_of(const cv::Mat& cost, const std::vector<int>& columns) {
  Outcome outcome;
  std::set<int> used;
  for (size_t i = 0; i < columns.size(); ++i) {
    if (columns[i] < 0) continue;
    EXPECT_TRUE(used.insert(columns[i]).second) << "column " << columns[i] << " has two rows";
    ++outcome.pairs;
    outcome.cost += cost.at<double>(static_cast<int>(i), columns[i]);
  }
  return outcome;
}

// Of all permutations of the columns, padded to at least as many as there are rows.
Outcome best_by_trial(const cv::Mat& cost) {
  std::vector<int> columns(static_cast<size_t>(std::max(cost.rows, cost.cols)));
  std::iota(columns.begin(), columns.end(), 0);
  Outcome best;
  do {
    Outcome outcome;
    for (int i = 0; i < cost.rows; ++i) {
      const int j = columns[static_cast<size_t>(i)];
      if (j >= cost.cols || !std::isfinite(cost.at<double>(i, j))) continue;
      ++outcome.pairs;
      outcome.cost += cost.at<double>(i, j);
    }
    if (outcome.pairs > best.pairs || (outcome.pairs == best.pairs && outcome.cost < best.cost)) {
      best = outcome;
    }
  } while (std::next_permutation(columns.begin(), columns.end()));
  return best;
}

TEST(Assign, IsTheBestOfAllPermutations) {
  cv::RNG random(7);
  for (int trial = 0; trial < 300; ++trial) {
    cv::Mat cost(random.uniform(1, 6), random.uniform(1, 6), CV_64FC1);
    random.fill(cost, cv::RNG::UNIFORM, -5.0, 5.0);
    cv::Mat forbidden(cost.size(), CV_8UC1);
    random.fill(forbidden, cv::RNG::UNIFORM, 0, 3);
    if (trial % 2 == 1) cost.setTo(kInfinity, forbidden == 0);
    const Outcome found = outcome_of(cost, assign(cost)), best = best_by_trial(cost);
    EXPECT_EQ(found.pairs, best.pairs) << cost;
    EXPECT_NEAR(found.cost, best.cost, 1e-9) << cost;
  }
}

TEST(Assign, PairsNothingWithNothing) {
  EXPECT_TRUE(assign(cv::Mat(0, 3, CV_64FC1)).empty());
  EXPECT_EQ(assign(cv::Mat(2, 0, CV_64FC1)), (std::vector<int>{-1, -1}));
  EXPECT_EQ(assign(cv::Mat(2, 2, CV_64FC1, cv::Scalar(kInfinity))), (std::vector<int>{-1, -1}));
}

}  // namespace
}  // namespace proxseg
