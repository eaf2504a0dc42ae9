#include "proxseg/workflow/sweep/importance.h"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <functional>
#include <random>

#include "workflow/sweep/made_trials.h"

namespace proxseg {
namespace {

// Trials at random places of three fields in [0, 1), with F as given; every second is on a sequence
// whose F is lower by 0.5.
SweepResults tried(
    int count, const std::function<double(double, double, double)>& f,
    const std::function<double(double)>& place = [](double u) { return u; }) {
  std::mt19937_64 random(1);
  std::vector<Trial> trials;
  for (int i = 0; i < count; ++i) {
    const double x = place(uniform(random)), y = place(uniform(random)), z = uniform(random);
    const std::string name = fmt::format("t{}", i);
    trials.push_back(made_with_truth(name, name,
                                     {{"loss.l1.weight", fmt::format("{}", x)},
                                      {"loss.tv.weight", fmt::format("{}", y)},
                                      {"mask.threshold", fmt::format("{}", z)},
                                      {"seed", fmt::format("{}", i % 3)}},
                                     f(x, y, z) - (i % 2) * 0.5));
    if (i % 2 == 1) trials.back().sequence = {"/data/hard", "hard"};
  }
  return results_of(std::move(trials));
}

double share_of(const std::vector<Importance>& all, const std::vector<std::string>& fields) {
  const auto found = std::ranges::find(all, fields, &Importance::fields);
  return found == all.end() ? 0.0 : found->share;
}

TEST(Importances, TheFieldThatMattersComesFirst) {
  const auto all =
      importances_of(tried(80, [](double x, double y, double) { return 0.8 * x + 0.2 * y; }));
  ASSERT_GE(all.size(), 3U);
  EXPECT_EQ(all[0].fields, std::vector<std::string>{"loss.l1.weight"});
  // Of variances .64 / 12 and .04 / 12.
  EXPECT_GT(all[0].share, 0.75);
  EXPECT_LT(share_of(all, {"mask.threshold"}), 0.05);
  EXPECT_EQ(share_of(all, {"seed"}), 0.0);
}

// x + 2 y has variances in the ratio 1 : 4; what remains is the forest's error.
TEST(Importances, SharesAreThoseOfTheVariance) {
  const auto all =
      importances_of(tried(1500, [](double x, double y, double) { return x + 2.0 * y; }));
  EXPECT_NEAR(share_of(all, {"loss.l1.weight"}), 0.2, 0.03);
  EXPECT_NEAR(share_of(all, {"loss.tv.weight"}), 0.8, 0.03);
}

TEST(Importances, SharesSumToAtMostOne) {
  for (const int count : {12, 14, 30, 100}) {
    const auto all = importances_of(tried(
        count, [](double x, double y, double z) { return x > 0.9 ? 0.1 * y : x * y + z * z; }));
    double sum = 0.0;
    for (const Importance& one : all) sum += one.share;
    EXPECT_LE(sum, 1.0 + 1e-9) << count;
    EXPECT_GT(sum, 0.5) << count;
  }
}

TEST(Importances, SeedsAndSequencesMakeNoMoreConfigurations) {
  std::vector<Trial> trials = tried(11, [](double x, double, double) { return x; }).trials;
  for (size_t i = 0; i < 11; ++i) {
    trials.push_back(trials[i]);
    trials.back().id += "again";
  }
  EXPECT_TRUE(importances_of(results_of(std::move(trials))).empty());
}

TEST(Importances, FieldsThatMatterTogetherAreAPair) {
  // Neither does anything by itself.
  const auto all = importances_of(
      tried(150, [](double x, double y, double) { return (x > 0.5) == (y > 0.5) ? 1.0 : 0.0; }));
  EXPECT_GT(share_of(all, {"loss.l1.weight", "loss.tv.weight"}), 0.3);
  EXPECT_LT(share_of(all, {"loss.l1.weight"}), 0.2);
}

// A search that learns has few trials where they do badly.
TEST(Importances, HoldWhereTrialsCrowd) {
  const auto crowd = [](double u) { return 1.0 - 0.5 * u * u * u; };
  const auto f = [](double x, double, double z) { return x + 0.5 * z; };
  const auto all = importances_of(tried(100, f, crowd));
  EXPECT_GT(share_of(all, {"loss.l1.weight"}), share_of(all, {"loss.tv.weight"}));
  EXPECT_GT(share_of(all, {"mask.threshold"}), share_of(all, {"loss.tv.weight"}));
}

TEST(Importances, FieldsWithoutAnyResultAreLeftOut) {
  const SweepResults some = tried(40, [](double x, double, double) { return x; });
  std::vector<Trial> trials = some.trials;
  Trial failed = made("f", "f", {{"train.batch", "3"}}, {});
  failed.state = TrialState::kFailed;
  failed.result.reset();
  trials.push_back(failed);
  const auto all = importances_of(results_of(std::move(trials)));
  EXPECT_GT(share_of(all, {"loss.l1.weight"}), 0.5);
  EXPECT_EQ(share_of(all, {"train.batch"}), 0.0);
  EXPECT_TRUE(importances_of(results_of({failed})).empty());
}

TEST(Importances, FewOrEqualResultsSayNothing) {
  EXPECT_TRUE(importances_of(tried(11, [](double x, double, double) { return x; })).empty());
  EXPECT_TRUE(importances_of(tried(40, [](double, double, double) { return 0.5; })).empty());
}

}  // namespace
}  // namespace proxseg
