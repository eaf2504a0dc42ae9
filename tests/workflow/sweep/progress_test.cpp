#include "proxseg/workflow/sweep/progress.h"

#include <gtest/gtest.h>

#include "workflow/sweep/made_trials.h"

namespace proxseg {
namespace {

Trial trial_in(TrialState state, const std::string& configuration, int64_t rung, int64_t steps,
               double seconds = 0.0) {
  Trial trial = made("id", configuration, {}, {.loss = 1.0, .seconds = seconds});
  trial.state = state;
  trial.rung = rung;
  trial.steps = steps;
  if (seconds == 0.0) trial.result.reset();
  return trial;
}

TEST(SweepProgress, RungsGoDownToOneConfiguration) {
  const std::vector<Rung> rungs = rungs_of({.steps = 10, .factor = 3}, /*configurations=*/7, 2);
  ASSERT_EQ(rungs.size(), 3U);
  EXPECT_EQ(rungs[0].trials, 14);
  EXPECT_EQ(rungs[0].steps, 10);
  EXPECT_EQ(rungs[1].trials, 4);
  EXPECT_EQ(rungs[1].steps, 20);  // to 30
  EXPECT_EQ(rungs[2].trials, 2);
  EXPECT_EQ(rungs[2].steps, 60);  // to 90
}

TEST(SweepProgress, CountsTheTrialsThatASearchMayStillPropose) {
  const auto progress = progress_of(
      {trial_in(TrialState::kDone, "a", 0, 10, 4.0), trial_in(TrialState::kWaiting, "b", 0, 10)},
      std::nullopt, 5);
  EXPECT_EQ(progress.all, 5);
  EXPECT_EQ(progress.done, 1);
  EXPECT_EQ(progress.left(), 4);
  EXPECT_EQ(progress.rungs, 0);
  ASSERT_TRUE(progress.seconds_left);
  EXPECT_NEAR(*progress.seconds_left, 16.0, 1e-9);
}

TEST(SweepProgress, WithHalvingKnowsAllRungsAndNeverGoesBack) {
  const Halving halving{.steps = 10, .factor = 2};
  // Four configurations: 4, 2 and 1 trainings.
  std::vector<Trial> trials;
  for (const char* id : {"a", "b", "c", "d"}) {
    trials.push_back(trial_in(TrialState::kWaiting, id, 0, 10));
  }
  auto progress = progress_of(trials, halving, 4);
  EXPECT_EQ(progress.all, 7);
  EXPECT_EQ(progress.rung, 1);
  EXPECT_EQ(progress.rungs, 3);
  EXPECT_FALSE(progress.seconds_left);
  for (Trial& trial : trials) {
    trial.state = TrialState::kDone;
    trial.result = TrialResult{.loss = 1.0, .seconds = 3.0};
  }
  progress = progress_of(trials, halving, 4);
  EXPECT_EQ(progress.done, 4);
  EXPECT_EQ(progress.left(), 3);
  // Twice 10 steps and once 20, as 10 took 3 s.
  EXPECT_NEAR(*progress.seconds_left, 12.0, 1e-9);
  for (size_t i : {0U, 1U}) {
    trials[i].state = TrialState::kWaiting;
    trials[i].rung = 1;
    trials[i].steps = 20;
  }
  progress = progress_of(trials, halving, 4);
  EXPECT_EQ(progress.all, 7);
  EXPECT_EQ(progress.done, 4);
  EXPECT_EQ(progress.rung, 2);
  EXPECT_NEAR(*progress.seconds_left, 12.0, 1e-9);
}

TEST(SweepProgress, TellsWhatIsTheSameForAllTrialsFromTheTimeOfTheirSteps) {
  // 2 s and a tenth of a second a step.
  const auto progress = progress_of(
      {trial_in(TrialState::kDone, "a", 0, 10, 3.0), trial_in(TrialState::kDone, "b", 0, 30, 5.0),
       trial_in(TrialState::kRunning, "c", 0, 80), trial_in(TrialState::kWaiting, "d", 0, 50)},
      std::nullopt, 4);
  EXPECT_NEAR(*progress.seconds_left, 10.0 / 2 + 7.0, 1e-9);
}

TEST(SweepProgress, WhatHasFailedIsNotLeft) {
  const auto progress = progress_of(
      {trial_in(TrialState::kFailed, "a", 0, 10), trial_in(TrialState::kPruned, "b", 0, 10)},
      std::nullopt, 2);
  EXPECT_EQ(progress.failed, 1);
  EXPECT_EQ(progress.pruned, 1);
  EXPECT_EQ(progress.left(), 0);
  EXPECT_FALSE(progress.seconds_left);
}

}  // namespace
}  // namespace proxseg
