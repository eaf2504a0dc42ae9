// Sweeps that are killed, stopped, or run twice at once.
#include <gmock/gmock.h>

#include <csignal>

#include "cli/sweep_command.h"

namespace proxseg {
namespace {

namespace fs = std::filesystem;
using nlohmann::json;
using ::testing::HasSubstr;

TEST_F(SweepCommand, KilledAndStartedAgainItEndsAsIfUndisturbed) {
  const std::string file = write_sweep(kGrid, R"("train.steps": 40, "train.checkpoint_every": 1)");
  ASSERT_EQ(run(sweep(file, {"--jobs", "2"})).code, 0);
  const json undisturbed = status();
  fs::remove_all(folder_ / "out");

  kill_hard(start_until(sweep(file), [&] { return checkpoints() >= 1; }));
  const pid_t second = start_until(sweep(file), [&] { return checkpoints() >= 2; });
  const json before = status();
  kill_hard(second);
  ASSERT_EQ(run(sweep(file)).code, 0);
  const json trials = status();
  expect_all_done(trials, 4);
  EXPECT_EQ(column(trials, "id"), column(undisturbed, "id"));
  EXPECT_EQ(column(trials, "F"), column(undisturbed, "F"));
  EXPECT_EQ(column(trials, "loss"), column(undisturbed, "loss"));
  for (size_t i = 0; i < before.size(); ++i) {
    if (before[i].at("state") != "done") continue;
    EXPECT_EQ(trials[i], before[i]);
  }
}

TEST_F(SweepCommand, ASearchThatLearnsGoesOnAsIfUndisturbed) {
  const std::string file =
      write_sweep(R"("tpe": {"trials": 8, "loss.l1.weight": {"log_uniform": [0.05, 2]}})",
                  R"("train.steps": 4)");
  ASSERT_EQ(run(sweep(file)).code, 0);
  const json undisturbed = status();
  expect_all_done(undisturbed, 8);
  fs::remove_all(folder_ / "out");
  const auto has_done = [&](int64_t count) {
    return [this, count] {
      std::error_code error;
      if (!fs::exists(folder_ / "out/trials", error)) return false;
      return std::ssize(listing(folder_ / "out/trials")) >= count;
    };
  };
  for (const int64_t count : {2, 5, 7}) kill_hard(start_until(sweep(file), has_done(count)));
  ASSERT_EQ(run(sweep(file)).code, 0);
  const json trials = status();
  expect_all_done(trials, 8);
  EXPECT_EQ(column(trials, "id"), column(undisturbed, "id"));
  EXPECT_EQ(column(trials, "F"), column(undisturbed, "F"));
}

TEST_F(SweepCommand, AKilledTrialFailsAndIsTriedAgain) {
  const std::string file = write_sweep(R"("grid": {"seed": [1, 2]})",
                                       R"("train.steps": 150, "train.checkpoint_every": 5)");
  const pid_t process = start_until(sweep(file), [&] { return checkpoints() >= 1; });
  ::kill(find_worker(path("out")), SIGKILL);
  const Outcome outcome = finish(process);
  EXPECT_NE(outcome.code, 0);
  EXPECT_THAT(outcome.err, HasSubstr("1 of 2 trials failed"));
  EXPECT_THAT(outcome.err, HasSubstr("killed by signal 9"));
  EXPECT_EQ(column(status(), "state"), (std::vector<std::string>{"\"failed\"", "\"done\""}));
  EXPECT_EQ(run(sweep(file)).code, 0);
  expect_all_done(status(), 2);
}

TEST_F(SweepCommand, TwoAtOnceShareTheTrialsAndDoEachOnce) {
  const std::string file = write_sweep(R"("grid": {"seed": [1, 2, 3, 4, 5, 6]})");
  const pid_t first = start(sweep(file));
  const Outcome second = run(sweep(file));
  int code = -1;
  ::waitpid(first, &code, 0);
  EXPECT_EQ(code, 0);
  EXPECT_EQ(second.code, 0) << second.err;
  const json trials = status();
  expect_all_done(trials, 6);
  for (const json& trial : trials) EXPECT_EQ(trial.at("attempts"), 1) << trial.dump(2);
}

TEST_F(SweepCommand, InterruptedItSavesAndSaysHowToGoOn) {
  const std::string file = write_sweep(kGrid, R"("train.steps": 100000)");
  const auto all_train = [&] {
    if (!fs::exists(folder_ / "out/trials")) return false;
    const auto trials = listing(folder_ / "out/trials");
    return trials.size() == 4 && std::ranges::all_of(trials, [&](const std::string& id) {
             return fs::exists(folder_ / "out/trials" / id / "run/metrics.csv");
           });
  };
  const pid_t process = start_until(sweep(file, {"--jobs", "4"}), all_train);
  ::kill(process, SIGINT);
  const Outcome outcome = finish(process);
  EXPECT_EQ(outcome.code, static_cast<int>(ExitCode::kInterrupted)) << outcome.err;
  EXPECT_THAT(outcome.err, HasSubstr("stopped with 0 of 4 trials done"));
  EXPECT_THAT(outcome.err, HasSubstr("The same command goes on"));
  EXPECT_EQ(checkpoints(), 4);
  EXPECT_EQ(column(status(), "state"), std::vector<std::string>(4, "\"waiting\""));
  EXPECT_EQ(find_worker(path("out")), -1);
}

// As some that start services leave it.
TEST_F(SweepCommand, RunsWhereEndsOfChildrenAreIgnored) {
  const std::string file = write_sweep(kGrid);
  std::signal(SIGCHLD, SIG_IGN);
  const pid_t process = start(sweep(file, {"--jobs", "1"}));
  std::signal(SIGCHLD, SIG_DFL);
  const Outcome outcome = finish(process);
  EXPECT_EQ(outcome.code, 0) << outcome.err;
  expect_all_done(status(), 4);
}

}  // namespace
}  // namespace proxseg
