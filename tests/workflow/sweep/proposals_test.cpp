#include "proxseg/workflow/sweep/proposals.h"

#include <fmt/format.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <cmath>
#include <set>

#include "proxseg/core/file.h"
#include "support/scene_files.h"
#include "support/sequence_files.h"

namespace proxseg {
namespace {

class Proposals : public testing::Test {
 protected:
  SweepPlan plan(const std::string& tpe, const std::string& more = "") {
    save(folder_ / "a/f1.png", gray_image(1));
    save_text(folder_ / "s.json",
              fmt::format(R"({{"inputs": ["a"], {} "tpe": {{{}}}}})", more, tpe));
    return plan_sweep((folder_ / "s.json").string());
  }

  // Done, with F.
  static Trial done(const PlannedTrial& planned, double f) {
    Trial trial;
    trial.id = planned.id;
    trial.configuration = planned.configuration;
    trial.sequence = planned.sequence;
    trial.has_ground_truth = true;
    for (const Assignment& given : planned.point) {
      trial.settings.emplace_back(given.field->key, to_text(given.value));
    }
    trial.state = TrialState::kDone;
    trial.result = TrialResult{.loss = 1.0, .f_measure = f};
    return trial;
  }

  static double weight_of(const PlannedTrial& trial) { return trial.recipe.recipe.loss.l1.weight; }

  // Runs the search to its end with an F that is best where loss.l1.weight is 0.1.
  static std::vector<Trial> to_the_end(const SweepPlan& plan, std::vector<double>& weights) {
    std::vector<Trial> seen;
    const auto add = [&](const std::vector<PlannedTrial>& trials) {
      for (const PlannedTrial& trial : trials) {
        weights.push_back(weight_of(trial));
        seen.push_back(done(trial, 1.0 - std::abs(std::log(weights.back() / 0.1))));
      }
    };
    add(plan.trials);
    for (auto next = propose(plan, seen); !next.empty(); next = propose(plan, seen)) add(next);
    return seen;
  }

  const TemporaryFolder folder_;
};

constexpr const char* kWeights =
    R"("trials": 30, "seed": 2, "loss.l1.weight": {"log_uniform": [1e-3, 10]})";

TEST_F(Proposals, EndWithTheNumberOfConfigurationsAndNeverRepeatOne) {
  const SweepPlan sweep = plan(kWeights);
  ASSERT_EQ(sweep.trials.size(), 6U);
  EXPECT_DOUBLE_EQ(weight_of(sweep.trials[0]), Recipe().loss.l1.weight);
  std::vector<double> weights;
  const auto seen = to_the_end(sweep, weights);
  EXPECT_EQ(seen.size(), 30U);
  EXPECT_EQ(std::set<double>(weights.begin(), weights.end()).size(), 30U);
  // The later half lies nearer the best.
  int near = 0;
  for (size_t i = 15; i < 30; ++i) near += std::abs(std::log(weights[i] / 0.1)) < 1.5;
  EXPECT_GE(near, 10);
}

TEST_F(Proposals, DependOnWhatIsSeenAlone) {
  const SweepPlan sweep = plan(kWeights);
  std::vector<double> once, again;
  to_the_end(sweep, once);
  to_the_end(plan(kWeights), again);
  EXPECT_EQ(once, again);
}

TEST_F(Proposals, RepeatEachConfigurationWithEverySeed) {
  const SweepPlan sweep = plan(kWeights, R"("seeds": [4, 5], )");
  ASSERT_EQ(sweep.trials.size(), 12U);
  EXPECT_EQ(sweep.trials[0].configuration, sweep.trials[1].configuration);
  EXPECT_NE(sweep.trials[0].id, sweep.trials[1].id);
  std::vector<Trial> seen;
  for (const PlannedTrial& trial : sweep.trials) seen.push_back(done(trial, 0.5));
  const auto next = propose(sweep, seen);
  ASSERT_EQ(next.size(), 2U);
  EXPECT_EQ(next[0].recipe.recipe.seed, 4U);
  EXPECT_EQ(next[1].recipe.recipe.seed, 5U);
  EXPECT_EQ(next[0].configuration, next[1].configuration);
}

TEST_F(Proposals, OfFewValuesEndWhenAllAreTried) {
  const SweepPlan sweep = plan(R"("trials": 50, "train.batch": {"integer": [6, 9]})");
  std::vector<double> weights;
  std::set<std::string> configurations;
  for (const Trial& trial : to_the_end(sweep, weights)) configurations.insert(trial.configuration);
  // The base's own batch, where it is none of these, is not tried.
  EXPECT_EQ(configurations.size(), 4U);
}

TEST_F(Proposals, LeaveOutWhatBreaksARule) {
  const SweepPlan sweep =
      plan(R"("trials": 12, "model.pixel_unshuffle": {"integer": [1, 4]}, "seed": 1,
              "loss.l1.weight": {"uniform": [0.1, 1]})");
  std::vector<double> weights;
  for (const Trial& trial : to_the_end(sweep, weights)) {
    EXPECT_NE(trial.settings[0].second, "3");
  }
  EXPECT_EQ(weights.size(), 12U);
}

TEST_F(Proposals, StartFromTheResultsOfEarlierSweeps) {
  const SweepPlan first = plan(kWeights);
  std::vector<double> weights;
  {
    Ledger ledger(folder_ / "earlier", /*create=*/true);
    ledger.add(first);
    for (auto more = true; more;) {
      while (const auto trial = ledger.claim(::getpid())) {
        const double weight = std::stod(trial->settings[0].second);
        ledger.finish(*trial, {.loss = std::abs(std::log(weight / 0.1))});
      }
      more = ledger.extend([&](const std::vector<Trial>& seen) { return propose(first, seen); });
    }
    ASSERT_EQ(ledger.trials().size(), 30U);
  }
  const SweepPlan second = plan(std::string(kWeights) + R"(, "earlier": ["earlier"])");
  ASSERT_EQ(second.trials.size(), 1U);  // the base alone
  int near = 0;
  std::vector<Trial> seen = {done(second.trials[0], 0.5)};
  for (int i = 0; i < 5; ++i) {
    const auto next = propose(second, seen);
    ASSERT_EQ(next.size(), 1U);
    near += std::abs(std::log(weight_of(next[0]) / 0.1)) < 1.5;
    seen.push_back(done(next[0], 0.5));
  }
  EXPECT_GE(near, 4);
}

}  // namespace
}  // namespace proxseg
