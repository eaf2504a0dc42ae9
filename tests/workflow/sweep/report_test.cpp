#include "proxseg/workflow/sweep/results.h"

#include <gmock/gmock.h>

#include <nlohmann/json.hpp>

#include "workflow/sweep/made_trials.h"

namespace proxseg {
namespace {

using nlohmann::json;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::Not;

SweepResults two_done_one_failed() {
  Trial failed = made("c", "z", {{"train.batch", "7"}}, {});
  failed.has_ground_truth = true;
  failed.state = TrialState::kFailed;
  failed.result.reset();
  failed.error = "the loss is not finite, \"really\"\nsecond line";
  failed.exit_code = 7;
  return results_of({made_with_truth("a", "x", {{"train.batch", "3"}}, 0.25),
                     made_with_truth("b", "y", {{"train.batch", "5"}}, 0.5), failed});
}

TEST(SweepReport, TheTableHasAReasonForEachFailure) {
  const std::string table = trials_table(two_done_one_failed());
  EXPECT_THAT(table, HasSubstr("id  state   sequence  train.batch  F       seconds\n"));
  EXPECT_THAT(table, HasSubstr("b   done    a b       5            0.5000  0.0\n"));
  EXPECT_THAT(table,
              HasSubstr("c   failed  a b       7            -       -        the loss is not "
                        "finite, \"really\"\n"));
}

TEST(SweepReport, JsonHoldsTrialsWithTheirStates) {
  const json report = json::parse(to_json(two_done_one_failed()));
  EXPECT_EQ(report.at("metric"), "F");
  ASSERT_EQ(report.at("trials").size(), 3U);
  const json& done = report["trials"][1];
  EXPECT_EQ(done.at("id"), "b");
  EXPECT_EQ(done.at("state"), "done");
  EXPECT_EQ(done.at("F"), 0.5);
  EXPECT_EQ(done.at("settings"), json({{"train.batch", 5}}));
  const json& failed = report["trials"][2];
  EXPECT_EQ(failed.at("state"), "failed");
  EXPECT_EQ(failed.at("exit_code"), 7);
  EXPECT_THAT(failed.at("error").get<std::string>(), HasSubstr("second line"));
  EXPECT_FALSE(failed.contains("F"));
  EXPECT_EQ(report.at("configurations")[0].at("mean"), 0.5);
  EXPECT_EQ(report.at("effects")[0].at("field"), "train.batch");
}

TEST(SweepReport, CsvHasARowATrialAndQuotesReasons) {
  const std::string csv = to_csv(two_done_one_failed());
  EXPECT_THAT(csv,
              HasSubstr("id,state,sequence,input,configuration,rung,steps,attempts,train.batch,"
                        "F,Pr,Re,score,loss,seconds,error\n"));
  EXPECT_THAT(csv, HasSubstr("\nb,done,a b,/data/a b,y,0,10,0,5,0.5,0.5,0.5,,1,0,\n"));
  EXPECT_THAT(csv, HasSubstr(",7,,,,,,,\"the loss is not finite, \"\"really\"\"\nsecond line\"\n"));
}

TEST(SweepReport, TheRankingNamesItsMeasure) {
  EXPECT_THAT(ranking_text(two_done_one_failed()), HasSubstr("by F-measure against the ground"));
  const SweepResults by_loss = results_of({made("a", "x", {}, {.loss = 2.0})});
  EXPECT_THAT(ranking_text(by_loss), HasSubstr("by loss, lower is better"));
  EXPECT_EQ(ranking_text(results_of({})), "");
}

TEST(SweepReport, TheBestConfigurationComesWithItsTrialsAndCommands) {
  const SweepResults results = two_done_one_failed();
  const std::string command =
      "proxseg train --config runs/s/trials/b/run/config.json --input '/data/a b' --output best";
  EXPECT_THAT(best_text(results, "runs/s", std::nullopt), HasSubstr("  " + command + "\n"));
  const json best = json::parse(best_json(results, "runs/s", std::nullopt));
  EXPECT_EQ(best.at("configuration"), "y");
  EXPECT_EQ(best.at("metric"), "F");
  EXPECT_EQ(best.at("value"), 0.5);
  ASSERT_EQ(best.at("members").size(), 1U);
  EXPECT_EQ(best["members"][0].at("id"), "b");
  EXPECT_EQ(best["members"][0].at("folder"), "runs/s/trials/b");
  EXPECT_EQ(best["members"][0].at("commands"), json::array({command}));
}

// One good trial does not make a configuration the best.
TEST(SweepReport, TheBestIsAConfigurationWithItsMeanAndSpread) {
  const SweepResults results =
      results_of({made_with_truth("a", "x", {{"train.batch", "3"}, {"seed", "1"}}, 0.9),
                  made_with_truth("b", "x", {{"train.batch", "3"}, {"seed", "2"}}, 0.1),
                  made_with_truth("c", "y", {{"train.batch", "5"}, {"seed", "1"}}, 0.6),
                  made_with_truth("d", "y", {{"train.batch", "5"}, {"seed", "2"}}, 0.6)});
  const std::string text = best_text(results, "runs/s", std::nullopt);
  EXPECT_THAT(text, HasSubstr("Best of 2 configurations: F 0.6000 over 1 sequence and 2 seeds, "
                              "+- 0.0000 between the seeds\n  train.batch=5\n"));
  EXPECT_THAT(text, HasSubstr("proxseg sweep best runs/s --config-out best.json"));
  EXPECT_THAT(text, Not(HasSubstr("0.9000")));
}

TEST(SweepReport, HalvingIsMadeAgainRungByRung) {
  Trial trial = made("a", "x", {}, {.loss = 1.0});
  trial.sequence.path = "it's.mp4";
  trial.rung = 2;
  trial.steps = 90;
  EXPECT_THAT(commands_for(trial, "s", Halving{10, 3}, "out"),
              ElementsAre("proxseg train --config s/trials/a/run/config.json --input "
                          "'it'\\''s.mp4' --output out --set train.steps=10",
                          "proxseg train --resume out --set train.steps=30",
                          "proxseg train --resume out --set train.steps=90"));
}

TEST(SweepReport, ALongListOfConfigurationsIsCut) {
  std::vector<Trial> trials;
  for (int i = 0; i < 15; ++i) {
    const std::string number = std::to_string(i);
    trials.push_back(made(number, number, {{"seed", number}}, {.loss = 1.0 * i}));
  }
  const std::string text = ranking_text(results_of(std::move(trials)));
  EXPECT_THAT(text, HasSubstr("\n10    9"));
  EXPECT_THAT(text, Not(HasSubstr("\n11    ")));
  EXPECT_THAT(text, HasSubstr("and 5 more\n"));
}

}  // namespace
}  // namespace proxseg
