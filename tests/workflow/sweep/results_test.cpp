#include "proxseg/workflow/sweep/results.h"

#include <gmock/gmock.h>

#include <cmath>

#include "workflow/sweep/made_trials.h"

namespace proxseg {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

std::vector<std::string> ids_of(const std::vector<const Trial*>& trials) {
  std::vector<std::string> ids;
  for (const Trial* trial : trials) ids.push_back(trial->id);
  return ids;
}

TEST(Results, GroundTruthRanksBeforeScoreAndScoreBeforeLoss) {
  std::vector<Trial> trials = {made("a", "x", {}, {.loss = 1.0}),
                               made("b", "y", {}, {.loss = 2.0})};
  EXPECT_EQ(to_string(metric_of(trials)), "loss");
  EXPECT_THAT(ids_of(results_of(trials).ranked), ElementsAre("a", "b"));
  trials[0].result->score = 0.1;
  trials[1].result->score = 0.2;
  EXPECT_EQ(to_string(metric_of(trials)), "score");
  EXPECT_THAT(ids_of(results_of(trials).ranked), ElementsAre("b", "a"));
  trials[0].has_ground_truth = trials[1].has_ground_truth = true;
  trials[0].result->f_measure = 0.9;
  trials[1].result->f_measure = 0.8;
  EXPECT_EQ(to_string(metric_of(trials)), "F");
  EXPECT_THAT(ids_of(results_of(trials).ranked), ElementsAre("a", "b"));
}

TEST(Results, OnlyFinishedTrialsAreRanked) {
  Trial failed = made("b", "y", {}, {});
  failed.state = TrialState::kFailed;
  failed.result.reset();
  EXPECT_THAT(ids_of(results_of({made("a", "x", {}, {.loss = 1.0}), failed}).ranked),
              ElementsAre("a"));
}

TEST(Results, AConfigurationIsTheMeanOverSeedsWithItsSpread) {
  const auto with = [](const char* id, const char* seed, double f) {
    return made_with_truth(id, "c", {{"train.batch", "3"}, {"seed", seed}}, f);
  };
  // Two sequences for each of three seeds: 0.5, 0.6 and 0.7 on average.
  const SweepResults results =
      results_of({with("a", "1", 0.4), with("b", "1", 0.6), with("c", "2", 0.5),
                  with("d", "2", 0.7), with("e", "3", 0.6), with("f", "3", 0.8)});
  ASSERT_EQ(results.configurations.size(), 1U);
  const Configuration& configuration = results.configurations[0];
  EXPECT_NEAR(configuration.mean, 0.6, 1e-12);
  EXPECT_NEAR(configuration.spread.value(), 0.1, 1e-12);
  EXPECT_EQ(configuration.trials, 6);
  EXPECT_THAT(configuration.settings, ElementsAre(std::pair("train.batch", "3")));
}

TEST(Results, SpreadBetweenSequencesIsToldFromThatBetweenSeeds) {
  std::vector<Trial> trials;
  for (const char* sequence : {"a", "b"}) {
    for (const char* seed : {"1", "2"}) {
      const double f = (*sequence == 'a' ? 0.8 : 0.4) + (*seed == '1' ? 0.1 : 0.0);
      trials.push_back(made_with_truth(std::string(sequence) + seed, "c", {{"seed", seed}}, f));
      trials.back().sequence = {sequence, sequence};
    }
  }
  const SweepResults results = results_of(std::move(trials));
  const Configuration& one = results.configurations[0];
  EXPECT_EQ(one.sequences, 2);
  EXPECT_EQ(one.seeds, 2);
  EXPECT_NEAR(one.mean, 0.65, 1e-12);
  EXPECT_NEAR(one.spread.value(), 0.1 / std::sqrt(2.0), 1e-12);
  EXPECT_NEAR(one.sequence_spread.value(), 0.4 / std::sqrt(2.0), 1e-12);
}

TEST(Results, OneSeedHasNoSpread) {
  EXPECT_FALSE(
      results_of({made("a", "x", {}, {.loss = 1.0})}).configurations[0].spread.has_value());
}

TEST(Results, ConfigurationsWithMissingTrialsRankLast) {
  Trial failed = made_with_truth("b", "y", {{"train.batch", "5"}}, 0.0);
  failed.state = TrialState::kFailed;
  failed.result.reset();
  const SweepResults results =
      results_of({made_with_truth("a", "y", {{"train.batch", "5"}}, 0.9), failed,
                  made_with_truth("c", "z", {{"train.batch", "3"}}, 0.7),
                  made_with_truth("d", "z", {{"train.batch", "3"}}, 0.5)});
  ASSERT_EQ(results.configurations.size(), 2U);
  EXPECT_THAT(results.configurations[0].settings, ElementsAre(std::pair("train.batch", "3")));
  EXPECT_EQ(results.configurations[1].trials, 1);
  EXPECT_EQ(results.configurations[1].planned, 2);
}

TEST(Results, EffectsAreMeansByValueWithTheLargestRangeFirst) {
  const auto with = [](const char* id, const char* median, const char* weight, double f) {
    return made_with_truth(id, id, {{"train.batch", median}, {"loss.tv.weight", weight}}, f);
  };
  const SweepResults results = results_of({with("a", "9", "0.5", 0.1), with("b", "9", "1", 0.2),
                                           with("c", "11", "0.5", 0.6), with("d", "11", "1", 0.7)});
  ASSERT_EQ(results.effects.size(), 2U);
  const Effect& median = results.effects[0];
  EXPECT_EQ(median.field, "train.batch");
  EXPECT_NEAR(median.range, 0.5, 1e-12);
  ASSERT_EQ(median.levels.size(), 2U);
  EXPECT_EQ(median.levels[0].value, "9");  // numbers by value, not by their letters
  EXPECT_NEAR(median.levels[0].mean, 0.15, 1e-12);
  EXPECT_EQ(median.levels[1].configurations, 2);
  EXPECT_NEAR(results.effects[1].range, 0.1, 1e-12);
}

// A configuration has one mean: that of the ranking.
TEST(Results, EffectsAreMeansOfConfigurations) {
  const auto with = [](const char* id, const char* batch, const char* seed, double f) {
    return made_with_truth(id, batch, {{"train.batch", batch}, {"seed", seed}}, f);
  };
  // The second seed of the first one is there on one sequence only.
  std::vector<Trial> trials = {with("a", "3", "1", 0.2), with("b", "3", "1", 0.4),
                               with("c", "3", "2", 0.9), with("d", "5", "1", 0.5)};
  const SweepResults results = results_of(std::move(trials));
  ASSERT_EQ(results.effects.size(), 2U);
  EXPECT_EQ(results.effects[0].field, "seed");
  EXPECT_NEAR(results.effects[0].levels[0].mean, (0.3 + 0.5) / 2.0, 1e-12);
  EXPECT_NEAR(results.effects[0].levels[1].mean, 0.9, 1e-12);
  const Effect& batch = results.effects[1];
  EXPECT_EQ(batch.levels[0].configurations, 1);
  EXPECT_EQ(batch.levels[0].mean, results.configurations[0].mean);
  EXPECT_EQ(batch.levels[1].mean, results.configurations[1].mean);
}

// As where a trial on the other sequence was given up.
TEST(Results, ConfigurationsThatLackASequenceSayNothingOfFieldsAndSpread) {
  const auto with = [](const char* id, const char* batch, const char* seed,
                       const std::string& sequence, double f) {
    Trial trial = made_with_truth(id, batch, {{"train.batch", batch}, {"seed", seed}}, f);
    trial.sequence = {"/data/" + sequence, sequence};
    return trial;
  };
  Trial missing = with("b2", "3", "2", "hard", 0.0);
  missing.state = TrialState::kPruned;
  missing.result.reset();
  const SweepResults results =
      results_of({with("a1", "3", "1", "easy", 0.9), with("b1", "3", "1", "hard", 0.1),
                  with("a2", "3", "2", "easy", 0.9), missing, with("c1", "5", "1", "easy", 0.9),
                  with("d1", "5", "1", "hard", 0.3), with("e1", "7", "1", "easy", 0.8),
                  with("f1", "7", "1", "hard", 0.2)});
  ASSERT_EQ(results.effects.size(), 1U);
  EXPECT_EQ(results.effects[0].field, "train.batch");
  ASSERT_EQ(results.effects[0].levels.size(), 2U);
  EXPECT_EQ(results.effects[0].levels[0].value, "5");
  const Configuration& lacking = results.configurations.back();
  EXPECT_EQ(lacking.trials, 3);
  EXPECT_FALSE(lacking.spread.has_value());  // the seeds saw other sequences
}

TEST(Results, ManyValuesOfAFieldAreJoinedToRanges) {
  std::vector<Trial> trials;
  for (int i = 0; i < 12; ++i) {
    const std::string number = std::to_string(i);
    trials.push_back(made_with_truth(number, number, {{"seed", number}}, i));
  }
  const SweepResults results = results_of(std::move(trials));
  ASSERT_EQ(results.effects.size(), 1U);
  const auto& levels = results.effects[0].levels;
  ASSERT_EQ(levels.size(), 3U);
  EXPECT_EQ(levels[0].value, "0 .. 3");
  EXPECT_EQ(levels[2].value, "8 .. 11");
  EXPECT_NEAR(levels[1].mean, 5.5, 1e-12);
}

TEST(Results, AFieldWithOneValueHasNoEffect) {
  EXPECT_THAT(results_of({made_with_truth("a", "x", {{"seed", "1"}}, 0.5)}).effects, IsEmpty());
}

TEST(Results, WhatReachedAHigherRungRanksBeforeWhatWasGivenUp) {
  Trial finalist = made("a", "x", {{"seed", "1"}}, {.loss = 2.0});
  finalist.rung = 1;
  const SweepResults results =
      results_of({made("b", "y", {{"seed", "2"}}, {.loss = 1.0}), finalist});
  EXPECT_THAT(ids_of(results.ranked), ElementsAre("a", "b"));
  EXPECT_EQ(results.configurations[0].rung, 1);
  EXPECT_THAT(results.effects, IsEmpty());
}

TEST(Halving, FailedConfigurationsDoNotGoOn) {
  std::vector<Trial> trials = {made("a", "x", {}, {.loss = 1.0}), made("b", "x", {}, {.loss = 1.0}),
                               made("c", "y", {}, {.loss = 5.0}),
                               made("d", "y", {}, {.loss = 5.0})};
  EXPECT_THAT(winners_of_rung(trials, 2), ElementsAre("a", "b"));
  trials[1].state = TrialState::kFailed;
  trials[1].result.reset();
  EXPECT_THAT(winners_of_rung(trials, 2), ElementsAre("c", "d"));
  trials[1].state = TrialState::kRunning;
  EXPECT_THAT(winners_of_rung(trials, 2), IsEmpty());
}

TEST(Halving, OneOfTheConfigurationsAlwaysGoesOn) {
  EXPECT_THAT(
      winners_of_rung({made("a", "x", {}, {.loss = 2.0}), made("b", "y", {}, {.loss = 1.0})}, 5),
      ElementsAre("b"));
  EXPECT_THAT(winners_of_rung({made("a", "x", {}, {.loss = 2.0})}, 5), IsEmpty());
}

}  // namespace
}  // namespace proxseg
