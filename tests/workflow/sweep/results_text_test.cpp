#include "proxseg/workflow/sweep/results_text.h"

#include <gmock/gmock.h>

#include <algorithm>
#include <nlohmann/json.hpp>

#include "proxseg/workflow/sweep/results_json.h"
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
  const std::string table = status_text(two_done_one_failed(), "sweep");
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
                              "± 0.0000 between the seeds\n  train.batch=5\n"));
  EXPECT_THAT(text, HasSubstr("proxseg sweep best runs/s --config-out best.json"));
  EXPECT_THAT(text, Not(HasSubstr("0.9000")));
}

TEST(SweepReport, TheRankingHasASpreadOverSeedsAndOverSequencesWhereThereIsOne) {
  std::vector<Trial> trials;
  for (const char* sequence : {"a", "b"}) {
    trials.push_back(made_with_truth(sequence, "x", {{"train.batch", "3"}}, *sequence == 'a'));
    trials.back().sequence = {sequence, sequence};
  }
  EXPECT_THAT(ranking_text(results_of(trials)),
              HasSubstr("rank  F       ± sequences  trials  settings\n"
                        "1     0.5000  0.7071       2       train.batch=3\n"));
  for (const char* sequence : {"a", "b"}) {
    trials.push_back(made_with_truth("c", "x", {{"train.batch", "3"}, {"seed", "2"}}, 0.5));
    trials.back().sequence = {sequence, sequence};
  }
  EXPECT_THAT(ranking_text(results_of(trials)), HasSubstr("F       ± seeds  ± sequences  trials"));
}

TEST(SweepReport, WarningsStandOnceBelowTheTable) {
  std::vector<Trial> trials;
  for (const char* id : {"a", "b", "c"}) {
    trials.push_back(made_with_truth(id, id, {{"train.batch", id}}, 0.5));
    trials.back().result->warning = *id == 'c' ? "no mask at all" : "most of the frame is masked";
  }
  const std::string table = status_text(results_of(std::move(trials)), "sweep");
  EXPECT_THAT(table, HasSubstr("b   done   a b       b            0.5000  0.0      [1]\n"));
  EXPECT_THAT(table, HasSubstr("0.0      [2]\n[1]  2 trials: most of the frame is masked\n"
                               "[2]  1 trial: no mask at all\n"));
}

// Three fields, of whose keys a terminal has no room for two.
std::vector<Trial> many_trials(int count) {
  std::vector<Trial> trials;
  for (int i = 0; i < count; ++i) {
    const std::string number = std::to_string(100000 + i);
    trials.push_back(made_with_truth("id" + number, number,
                                     {{"loss.l1.weight", "0." + number},
                                      {"loss.tv.weight", "1." + number},
                                      {"train.learning_rate", "0.0012345"}},
                                     1.0 / (i + 1)));
    trials.back().result->warning = "the masks cover no pixel in " + std::string(90, 'x');
  }
  return trials;
}

TEST(SweepReport, SearchedFieldsAreTheLastThatANarrowTableLeavesOut) {
  const std::string table = status_text(results_of(many_trials(2)), "sweep", 80);
  EXPECT_THAT(table, HasSubstr("l1.weight"));
  EXPECT_THAT(table, HasSubstr("tv.weight"));
  EXPECT_THAT(table, HasSubstr("learning_rate"));
  EXPECT_THAT(table, HasSubstr("left out: seconds; "));
}

TEST(SweepReport, OfManyTrialsATerminalShowsWhatMattersAndWhereTheRestIs) {
  std::vector<Trial> trials = many_trials(40);
  trials[3].state = TrialState::kFailed;
  trials[3].result.reset();
  trials[3].error = "out of memory";
  trials[4].state = TrialState::kRunning;
  trials[4].result.reset();
  trials[4].progress = "train 3/40";
  const SweepResults results = results_of(std::move(trials));
  const std::string text = status_text(results, "runs/s", 80, 21);
  EXPECT_LE(std::ranges::count(text, '\n'), 21);
  for (const char* part : {"out of memory", "train 3/40", "38 trials: the masks cover", "rank  F",
                           "1.0000", "proxseg sweep status runs/s | less"}) {
    EXPECT_THAT(text, HasSubstr(part));
  }
  EXPECT_LT(text.find("out of memory"), text.find("rank  F"));
  EXPECT_THAT(status_text(results, "runs/s"), HasSubstr("id100039"));
  // With more room first the trials, then what each field did.
  const std::string longer = status_text(results, "runs/s", 80, 70);
  EXPECT_THAT(longer, HasSubstr("id100039"));
  EXPECT_THAT(longer, Not(HasSubstr("What each field did")));
  EXPECT_THAT(status_text(results, "runs/s", 80, 200), HasSubstr("id100039"));
}

TEST(SweepReport, TheRankingStandsLastAndValuesAreAligned) {
  std::vector<Trial> trials;
  for (const char* value : {"0.25", "0.123456789 .. 0.987654321"}) {
    trials.push_back(made_with_truth(value, value, {{"loss.l1.weight", value}}, 0.5));
  }
  const std::string text = ranking_text(results_of(std::move(trials)));
  EXPECT_THAT(text, HasSubstr("  0.25                        0.5000  (1 configuration)\n"));
  EXPECT_THAT(text, HasSubstr("told from 12 configurations on; there are 2.\n"));
  EXPECT_LT(text.find("What each field did"), text.find("Configurations by"));
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

TEST(SweepReport, ALongListOfConfigurationsIsCutOnATerminalAlone) {
  std::vector<Trial> trials;
  for (int i = 0; i < 15; ++i) {
    const std::string number = std::to_string(i);
    trials.push_back(made(number, number, {{"seed", number}}, {.loss = 1.0 * i}));
  }
  const SweepResults results = results_of(std::move(trials));
  const std::string text = ranking_text(results, /*columns=*/80);
  EXPECT_THAT(text, HasSubstr("\n10    9"));
  EXPECT_THAT(text, Not(HasSubstr("\n11    ")));
  EXPECT_THAT(text, HasSubstr("and 5 more\n"));
  EXPECT_THAT(ranking_text(results), HasSubstr("\n15    14"));
}

}  // namespace
}  // namespace proxseg
