// The command sweep as a user runs it: what ends up in the ledger.
#include <gmock/gmock.h>

#include "cli/sweep_command.h"

namespace proxseg {
namespace {

namespace fs = std::filesystem;
using nlohmann::json;
using ::testing::HasSubstr;

TEST_F(SweepCommand, TrainsMeasuresAndRanksEveryTrial) {
  const Outcome outcome = run(sweep(write_sweep(kGrid), {"--jobs", "2"}));
  ASSERT_EQ(outcome.code, 0) << outcome.err;
  EXPECT_THAT(outcome.out, HasSubstr("Configurations by F-measure"));
  EXPECT_THAT(outcome.out, HasSubstr("seed: range "));
  EXPECT_THAT(outcome.out, HasSubstr("Best of 2 configurations: F "));
  EXPECT_THAT(outcome.err, HasSubstr("done    "));
  const json trials = status();
  expect_all_done(trials, 4);
  for (const json& trial : trials) {
    const std::string folder = path("out/trials/" + trial.at("id").get<std::string>());
    EXPECT_TRUE(fs::exists(folder + "/run/model.safetensors"));
    EXPECT_TRUE(fs::exists(folder + "/log.txt"));
    const json evaluation = json::parse(
        run({"eval", "--masks", folder + "/masks", "--ground-truth", scene_, "--json"}).out);
    EXPECT_EQ(trial.at("F"), evaluation.at("overall").at("F"));
    EXPECT_EQ(trial.at("attempts"), 1);
  }
}

TEST_F(SweepCommand, TheSameCommandAgainDoesNothingAndALongerFileOnlyTheRest) {
  ASSERT_EQ(run(sweep(write_sweep(R"("grid": {"seed": [1]})"))).code, 0);
  const json first = status();
  const std::string model =
      path("out/trials/" + first[0].at("id").get<std::string>()) + "/run/model.safetensors";
  fs::remove(model);
  const Outcome again = run(sweep(write_sweep(R"("grid": {"seed": [1]})")));
  EXPECT_EQ(again.code, 0);
  EXPECT_THAT(again.out, HasSubstr("Best of 1 configuration: "));
  EXPECT_EQ(status(), first);
  EXPECT_FALSE(fs::exists(model));
  EXPECT_EQ(run(sweep(write_sweep(R"("grid": {"seed": [2, 1]})"))).code, 0);
  const json both = status();
  expect_all_done(both, 2);
  EXPECT_EQ(both[0], first[0]);
}

TEST_F(SweepCommand, OtherFramesOfTheSameNamesAndSizesAreOtherTrials) {
  const Arguments words = sweep(write_sweep(R"("grid": {"seed": [1]})"), {"--threads", "99"});
  EXPECT_THAT(run(words).err, HasSubstr("99 threads share"));
  EXPECT_EQ(status().size(), 1U);
  const std::string frame = scene_ + "/input/in000012.jpg";
  std::string bytes = read_file(frame);
  bytes.at(15) = '\x02';  // the density that a JPEG announces
  save_text(frame, bytes);
  ASSERT_EQ(run(words).code, 0);
  EXPECT_EQ(status().size(), 2U);
}

TEST_F(SweepCommand, TheBestConfigurationIsMadeAgainByItsCommandAndItsRecipe) {
  ASSERT_EQ(run(sweep(write_sweep(R"("grid": {"train.learning_rate": [0.001, 0.01]})"))).code, 0);
  const json chosen = json::parse(run({"sweep", "best", path("out"), "--json"}).out);
  const json best = chosen.at("members")[0];
  const std::string folder = best.at("folder");
  EXPECT_EQ(best.at("commands"),
            json::array({fmt::format("proxseg train --config {}/run/config.json --input {} "
                                     "--output best",
                                     folder, scene_)}));
  ASSERT_EQ(run({"train", "--config", folder + "/run/config.json", "--input", scene_, "--output",
                 path("best")})
                .code,
            0);
  EXPECT_EQ(read_file(path("best/model.safetensors")),
            read_file(folder + "/run/model.safetensors"));
  double most = 0;
  for (const json& trial : status()) most = std::max(most, trial.at("F").get<double>());
  EXPECT_EQ(chosen.at("value"), most);
  const Outcome written = run({"sweep", "best", path("out"), "--config-out", path("best.json")});
  EXPECT_EQ(written.code, 0) << written.err;
  EXPECT_THAT(written.out, HasSubstr("proxseg train --config " + path("best.json")));
  const Outcome both =
      run({"sweep", "best", path("out"), "--json", "--config-out", path("again.json")});
  EXPECT_EQ(json::parse(both.out), chosen);
  EXPECT_EQ(read_file(path("again.json")), read_file(path("best.json")));
  EXPECT_EQ(run({"train", "--config", path("best.json"), "--input", scene_, "--output",
                 path("by-recipe")})
                .code,
            0);
  json recipe = json::parse(read_file(path("by-recipe/config.json")));
  json as_trained = json::parse(read_file(path("best/config.json")));
  EXPECT_THAT(recipe.at("description").get<std::string>(),
              HasSubstr("The best of 2 configurations"));
  recipe.erase("description");
  as_trained.erase("description");
  EXPECT_EQ(recipe, as_trained);
}

TEST_F(SweepCommand, ABudgetOfTimeStartsNoFurtherTrial) {
  const std::string file = write_sweep(
      R"("budget": "1s", "grid": {"seed": [1, 2, 3, 4, 5, 6, 7, 8]})", R"("train.steps": 30)");
  const Outcome outcome = run(sweep(file));
  EXPECT_EQ(outcome.code, 0) << outcome.err;
  EXPECT_THAT(outcome.out, HasSubstr("The budget of 0:01 is spent: "));
  EXPECT_THAT(outcome.out, HasSubstr("With a larger \"budget\" in " + file));
  const json trials = status();
  ASSERT_EQ(trials.size(), 8U);
  EXPECT_EQ(trials[0].at("state"), "done");
  EXPECT_EQ(trials[7].at("state"), "waiting");
  const Outcome again = run(sweep(file, {"--json"}));  // it stays spent
  EXPECT_EQ(again.code, 0);
  EXPECT_EQ(json::parse(again.out).at("trials"), trials);
  EXPECT_EQ(status(), trials);
}

TEST_F(SweepCommand, TrialsThatDoWorseThanOthersAreGivenUp) {
  // A mask of nothing scores 0, and the last learns it.
  const std::string file = write_sweep(
      R"("prune": {"every": 5, "after": 2}, "grid": {"loss.l1.weight": [0.3, 0.31, 1000]})",
      R"("train.steps": 12)");
  const Outcome outcome = run(sweep(file));
  EXPECT_EQ(outcome.code, 0) << outcome.err;
  const json trials = status();
  ASSERT_EQ(trials.size(), 3U);
  EXPECT_EQ(trials[0].at("state"), "done");
  EXPECT_EQ(trials[1].at("state"), "done");
  EXPECT_EQ(trials[2].at("state"), "pruned") << trials.dump(2);
  EXPECT_THAT(trials[2].at("error").get<std::string>(), HasSubstr("the median of 2 others"));
  EXPECT_FALSE(trials[2].contains("F"));
}

TEST_F(SweepCommand, FollowShowsTheLedgerUntilAllIsDone) {
  const pid_t process = start(sweep(write_sweep(kGrid, R"("train.steps": 20)")));
  const auto is_there = [&] { return fs::exists(folder_ / "out/ledger.sqlite"); };
  for (int i = 0; i < 600 && !is_there(); ++i) {
    std::this_thread::sleep_for(std::chrono::milliseconds(100));
  }
  Outcome followed = run({"sweep", "status", path("out"), "--follow"});
  int code = -1;
  ::waitpid(process, &code, 0);
  EXPECT_EQ(code, 0);
  EXPECT_EQ(followed.code, 0) << followed.err;
  EXPECT_THAT(followed.out, HasSubstr("Configurations by F-measure"));
}

TEST_F(SweepCommand, CtrlCEndsFollowAsTheManualSays) {
  kill_hard(start_until(sweep(write_sweep(kGrid, R"("train.steps": 100000)")),
                        [&] { return fs::exists(folder_ / "out/trials"); }));
  const pid_t process = start({"sweep", "status", path("out"), "--follow"});
  std::this_thread::sleep_for(std::chrono::seconds(4));
  ::kill(process, SIGINT);
  const Outcome outcome = finish(process);
  EXPECT_EQ(outcome.code, static_cast<int>(ExitCode::kInterrupted));
  EXPECT_THAT(outcome.err, HasSubstr("stopped watching"));
}

TEST_F(SweepCommand, WhatNoTrialCouldUseIsRefusedBeforeAnyIsNoted) {
  const std::string file = write_sweep(R"("grid": {"seed": [1, 2]})");
  const Outcome model = run(sweep(file, {"--model", "nosuch"}));
  EXPECT_EQ(model.code, static_cast<int>(ExitCode::kConfig));
  EXPECT_THAT(model.err, HasSubstr("nosuch"));
  const Outcome device = run(sweep(file, {"--device", "cuda:77"}));
  EXPECT_NE(device.code, 0);
  EXPECT_THAT(device.err, HasSubstr("cuda"));
  EXPECT_FALSE(fs::exists(path("out/ledger.sqlite")));
}

TEST_F(SweepCommand, FollowEndsWhereTheBudgetIsSpent) {
  const std::string file = write_sweep(R"("budget": "1s", "grid": {"seed": [1, 2, 3, 4, 5, 6]})",
                                       R"("train.steps": 30)");
  ASSERT_EQ(run(sweep(file)).code, 0);
  const Outcome outcome = run({"sweep", "status", path("out"), "--follow"});
  EXPECT_EQ(outcome.code, 0);
  EXPECT_THAT(outcome.err, HasSubstr("the budget is spent"));
  EXPECT_THAT(outcome.err, HasSubstr("nothing runs; "));
  EXPECT_THAT(outcome.err,
              HasSubstr(fmt::format("sweep {} --output {} goes on", file, path("out"))));
}

// The steps saw other frames, in other batches.
TEST_F(SweepCommand, LossesAndScoresOfTrialsAreThoseOfTheSameFrames) {
  const std::string file = write_sweep(
      R"("list": [{}, {"input.range": "1:8"}, {"input.every": 3}, {"train.max_frames": 5}])",
      R"("train.steps": 2, "train.learning_rate": 1e-12, "model.norm": "group")");
  const Outcome outcome = run(sweep(file));
  ASSERT_EQ(outcome.code, 0) << outcome.err;
  const json trials = status();
  const double loss = trials.at(0).at("loss");
  const double score = trials.at(0).at("score");
  for (const json& trial : trials) {
    EXPECT_NEAR(trial.at("loss").get<double>(), loss, 1e-4 * loss);
    EXPECT_NEAR(trial.at("score").get<double>(), score, 1e-3);
  }
  const std::string folder = path("out/trials/" + trials[0].at("id").get<std::string>());
  const json summary = json::parse(read_file(folder + "/run/summary.json"));
  EXPECT_EQ(summary.at("sequence_loss"), loss);
  EXPECT_EQ(summary.at("sequence_score"), score);
}

TEST_F(SweepCommand, ARunSaysWhichCommandOfAUserMadeIt) {
  const std::string file = write_sweep(R"("grid": {"seed": [1]})");
  ASSERT_EQ(run(sweep(file, {"--precision", "fp32"})).code, 0);
  const json trial = status().at(0);
  const std::string script = read_file(
      path(fmt::format("out/trials/{}/run/reproduce.sh", trial.at("id").get<std::string>())));
  EXPECT_THAT(script,
              HasSubstr(fmt::format("sweep {} --output {} --precision fp32\n", file, path("out"))));
  EXPECT_THAT(script, testing::Not(HasSubstr("sweep worker")));
}

TEST_F(SweepCommand, TrialsWithoutGroundTruthRankByTheLoss) {
  fs::remove_all(fs::path(scene_) / "groundtruth");
  const Outcome outcome = run(sweep(write_sweep(R"("grid": {"seed": [1, 2]})")));
  ASSERT_EQ(outcome.code, 0) << outcome.err;
  EXPECT_THAT(outcome.out, testing::AnyOf(HasSubstr("Configurations by loss"),
                                          HasSubstr("Configurations by label-free score")));
  const json trials = status();
  EXPECT_FALSE(trials[0].contains("F"));
  EXPECT_FALSE(fs::exists(path("out/trials/" + trials[0].at("id").get<std::string>() + "/masks")));
}

TEST_F(SweepCommand, TrialsAreMeasuredInTheRegionOfInterest) {
  const std::string file = write_sweep(
      R"("grid": {"seed": [1]})",
      R"("train.steps": 2, "input.roi": "0,0,23,0,23,17,0,17", "mask.threshold": 0.01)");
  ASSERT_EQ(run(sweep(file)).code, 0);
  const std::string folder = path("out/trials/" + status()[0].at("id").get<std::string>());
  ASSERT_EQ(run({"infer", "--model", folder + "/run", "--input", scene_, "--output", path("masks"),
                 "--layout", "cdnet"})
                .code,
            0);
  for (int i = 1; i <= 12; ++i) {
    const std::string name = fmt::format("bin{:06d}.png", i);
    EXPECT_EQ(read_file(folder + "/masks/" + name), read_file(path("masks/" + name))) << name;
  }
}

TEST_F(SweepCommand, AFailingTrialDoesNotStopTheOthers) {
  const Outcome outcome = run(sweep(write_sweep(kOneOfThreeFails)));
  EXPECT_EQ(outcome.code, static_cast<int>(ExitCode::kInput)) << outcome.err;
  EXPECT_THAT(outcome.err, HasSubstr("1 of 3 trials failed"));
  EXPECT_THAT(outcome.err, HasSubstr("broken.png"));
  EXPECT_EQ(column(status(), "state"),
            (std::vector<std::string>{"\"done\"", "\"failed\"", "\"done\""}));
  const Outcome table = run({"sweep", "status", path("out")});
  EXPECT_THAT(table.out, HasSubstr("broken.png"));
}

TEST_F(SweepCommand, FailFastStopsAtTheFirstFailure) {
  const Outcome outcome = run(sweep(write_sweep(kOneOfThreeFails), {"--fail-fast"}));
  EXPECT_EQ(outcome.code, static_cast<int>(ExitCode::kInput)) << outcome.err;
  const json trials = status();
  EXPECT_EQ(trials[1].at("state"), "failed");
  EXPECT_EQ(trials[2].at("state"), "waiting");
}

TEST_F(SweepCommand, HalvingLeavesOneConfigurationWithTheMostSteps) {
  const std::string file = write_sweep(
      R"("halving": {"trials": 4, "steps": 2, "loss.l1.weight": {"uniform": [0.1, 1]}})",
      R"("train.schedule": "constant")");
  const Outcome outcome = run(sweep(file));
  ASSERT_EQ(outcome.code, 0) << outcome.err;
  const json trials = status();
  expect_all_done(trials, 4);
  auto steps = column(trials, "steps");
  std::ranges::sort(steps);
  EXPECT_EQ(steps, (std::vector<std::string>{"2", "2", "4", "8"}));
  for (const json& trial : trials) {
    if (trial.at("steps") != 8) continue;
    EXPECT_EQ(trial.at("attempts"), 3);
    const std::string folder = path("out/trials/" + trial.at("id").get<std::string>());
    EXPECT_EQ(json::parse(read_file(folder + "/run/summary.json")).at("steps"), 8);
  }
}

TEST_F(SweepCommand, ADryRunShowsTrialsAndWritesNothing) {
  const Outcome outcome = run(sweep(write_sweep(kGrid), {"--dry-run"}));
  ASSERT_EQ(outcome.code, 0) << outcome.err;
  EXPECT_THAT(outcome.out, HasSubstr("scene  seed=2 mask.threshold=0.6\n"));
  EXPECT_THAT(outcome.out, HasSubstr("4 trials, 4 to run"));
  EXPECT_THAT(outcome.out, HasSubstr("s to start, read, segment and measure"));
  EXPECT_FALSE(fs::exists(folder_ / "out"));
}

TEST_F(SweepCommand, ADryRunCountsWhatASearchThatLearnsMayStillTry) {
  const std::string file = write_sweep(
      R"("budget": "1s", "tpe": {"trials": 40, "loss.l1.weight": {"log_uniform": [0.05, 2]}})");
  const Outcome outcome = run(sweep(file, {"--dry-run"}));
  ASSERT_EQ(outcome.code, 0) << outcome.err;
  EXPECT_THAT(outcome.out, HasSubstr("up to 40 configurations, 40 trials"));
  EXPECT_THAT(outcome.out, HasSubstr("of the 40 trials\n"));
}

// Its first trials are yet to be proposed, of the results of the sweep before.
TEST_F(SweepCommand, ADryRunOfASearchThatGoesOnFromAnEarlierSweepIsNoFault) {
  ASSERT_EQ(
      run(sweep(write_sweep(R"("grid": {"loss.l1.weight": [0.2, 0.25, 0.3, 0.4, 0.5, 0.6]})")))
          .code,
      0);
  const std::string file = write_sweep(fmt::format(
      R"("tpe": {{"trials": 4, "earlier": ["{}"], "loss.l1.weight": {{"log_uniform": [0.05, 0.4]}}}})",
      path("out")));
  const Outcome outcome =
      run({"sweep", file, "--output", path("next"), "--threads", "1", "--dry-run"});
  ASSERT_EQ(outcome.code, 0) << outcome.err;
  EXPECT_THAT(outcome.out, HasSubstr("scene  loss.l1.weight="));
  EXPECT_THAT(outcome.out, HasSubstr("proposed from the results of earlier sweeps\n"));
  EXPECT_THAT(outcome.out, HasSubstr("up to 4 configurations"));
  EXPECT_THAT(outcome.out, HasSubstr("if all trials are like it: about "));
}

TEST_F(SweepCommand, SequencesWithoutGroundTruthAreNamedWhereOthersHaveIt) {
  save_text(folder_ / "mixed.json",
            fmt::format(R"({{"inputs": ["{0}", "{0}/input"], "set": {{{1}, "train.steps": 2}},
                            "grid": {{}}}})",
                        scene_, kQuickSet));
  const Outcome outcome = run(sweep(path("mixed.json"), {"--dry-run"}));
  ASSERT_EQ(outcome.code, 0) << outcome.err;
  EXPECT_THAT(outcome.err, HasSubstr("1 of the sequences have none of: input;"));
}

TEST_F(SweepCommand, ResultsAreExported) {
  ASSERT_EQ(run(sweep(write_sweep(R"("grid": {"seed": [1, 2]})"))).code, 0);
  EXPECT_EQ(run({"sweep", "export", path("out"), "--csv", path("t.csv")}).out,
            "wrote " + path("t.csv") + "\n");
  const std::string csv = read_file(path("t.csv"));
  EXPECT_EQ(std::ranges::count(csv, '\n'), 3);
  const json all = json::parse(run({"sweep", "export", path("out"), "--json"}).out);
  EXPECT_THAT(csv, HasSubstr(all.at("trials")[0].at("id").get<std::string>() + ",done,scene,"));
  EXPECT_EQ(all.at("configurations").size(), 1U);
}

TEST_F(SweepCommand, WhatIsWrongIsRefusedBeforeAnythingRuns) {
  expect_failure(ExitCode::kConfig, {"sweep.json:1: grid: \"sede\"", "did you mean seed?"},
                 sweep(write_sweep(R"("grid": {"sede": [1]})")));
  save_text(folder_ / "gone.json", R"({"inputs": ["nowhere"], "grid": {}})");
  expect_failure(ExitCode::kInput, {"gone.json:1: inputs: cannot read", "nowhere"},
                 sweep(path("gone.json")));
  EXPECT_FALSE(fs::exists(folder_ / "out"));
  expect_failure(ExitCode::kUsage, {"sweep needs FILE and --output"}, {"sweep"});
  expect_failure(ExitCode::kUsage, {"--jobs"}, sweep("x.json", {"--jobs", "0"}));
  expect_failure(ExitCode::kConfig, {path("none"), "holds no sweep"},
                 {"sweep", "status", path("none")});
  expect_failure(ExitCode::kUsage, {"export needs --csv FILE or --json"},
                 {"sweep", "export", path("none")});
}

TEST_F(SweepCommand, BestNeedsAFinishedTrial) {
  EXPECT_NE(run(sweep(write_sweep(
                    R"("list": [{"background.method": "file", "background.file": "broken.png"}])")))
                .code,
            0);
  expect_failure(ExitCode::kInput, {"no trial", "is done yet"}, {"sweep", "best", path("out")});
}

}  // namespace
}  // namespace proxseg
