// The command sweep as a user runs it: what ends up in the ledger, whatever happens meanwhile.
#include <fmt/format.h>
#include <gmock/gmock.h>
#include <signal.h>

#include <algorithm>
#include <chrono>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <nlohmann/json.hpp>
#include <thread>

#include "support/program.h"
#include "support/scene_files.h"
#include "support/sequence_files.h"

namespace proxseg {
namespace {

namespace fs = std::filesystem;
using nlohmann::json;
using ::testing::HasSubstr;

constexpr const char* kQuickSet =
    R"("train.batch": 4, "model.channels": 4, "model.depth": 1, "threads": 1)";

class SweepCommand : public Program {
 protected:
  // A sweep file over the scene; search: its grid or the like; set: more fixed fields.
  std::string write_sweep(const std::string& search, const std::string& set = "\"train.steps\": 2",
                          const std::string& name = "sweep.json") const {
    save_text(folder_ / name, fmt::format(R"({{"inputs": ["{}"], "set": {{{}, {}}}, {}}})", scene_,
                                          kQuickSet, set, search));
    return path(name);
  }

  Arguments sweep(const std::string& file, const Arguments& more = {}) const {
    Arguments words = {"sweep", file, "--output", path("out")};
    words.insert(words.end(), more.begin(), more.end());
    return words;
  }

  json status() const {
    const Outcome outcome = run({"sweep", "status", path("out"), "--json"});
    EXPECT_EQ(outcome.code, 0) << outcome.err;
    return json::parse(outcome.out).at("trials");
  }

  // Starts it and waits until `holds`, at most two minutes.
  template <typename Condition>
  pid_t start_until(const Arguments& arguments, Condition&& holds) const {
    const pid_t process = start(arguments);
    const auto deadline = std::chrono::steady_clock::now() + std::chrono::minutes(2);
    while (!holds() && std::chrono::steady_clock::now() < deadline) std::this_thread::yield();
    EXPECT_TRUE(holds());
    return process;
  }

  static void kill_hard(pid_t process) {
    ::kill(process, SIGKILL);
    ::waitpid(process, nullptr, 0);
  }

  // Folders of trials in which a checkpoint lies.
  int64_t checkpoints() const {
    if (!fs::exists(folder_ / "out/trials")) return 0;
    int64_t count = 0;
    for (const auto& trial : fs::directory_iterator(folder_ / "out/trials")) {
      const fs::path folder = trial.path() / "run/checkpoints";
      std::error_code error;
      const fs::directory_iterator entries(folder, error);
      count += std::any_of(begin(entries), end(entries), [](const auto& entry) {
        return !entry.path().filename().string().starts_with('.');
      });
    }
    return count;
  }

  void expect_all_done(const json& trials, size_t count) const {
    ASSERT_EQ(trials.size(), count);
    for (const json& trial : trials) EXPECT_EQ(trial.at("state"), "done") << trial.dump(2);
    EXPECT_EQ(listing(folder_ / "out/trials").size(), count);
  }

  const std::string scene_ = write_tiny_scene(folder_);
};

std::vector<std::string> column(const json& trials, const char* name) {
  std::vector<std::string> values;
  for (const json& trial : trials) values.push_back(trial.at(name).dump());
  return values;
}

constexpr const char* kGrid = R"("grid": {"seed": [1, 2], "mask.threshold": [0.4, 0.6]})";

TEST_F(SweepCommand, TrainsMeasuresAndRanksEveryTrial) {
  const Outcome outcome = run(sweep(write_sweep(kGrid), {"--jobs", "2"}));
  ASSERT_EQ(outcome.code, 0) << outcome.err;
  EXPECT_THAT(outcome.out, HasSubstr("Configurations by F-measure"));
  EXPECT_THAT(outcome.out, HasSubstr("seed: range "));
  EXPECT_THAT(outcome.out, HasSubstr("Best trial: "));
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
  EXPECT_THAT(again.out, HasSubstr("Best trial: "));
  EXPECT_EQ(status(), first);
  EXPECT_FALSE(fs::exists(model));
  EXPECT_EQ(run(sweep(write_sweep(R"("grid": {"seed": [2, 1]})"))).code, 0);
  const json both = status();
  expect_all_done(both, 2);
  EXPECT_EQ(both[0], first[0]);
}

TEST_F(SweepCommand, TheBestTrialIsMadeAgainByItsCommand) {
  ASSERT_EQ(run(sweep(write_sweep(R"("grid": {"seed": [1, 2]})"))).code, 0);
  const json best = json::parse(run({"sweep", "best", path("out"), "--json"}).out);
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
  EXPECT_EQ(best.at("value"), most);
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

// A process that works off a trial of the sweep in `folder`; -1 if there is none.
pid_t find_worker(const std::string& folder) {
  for (const auto& entry : fs::directory_iterator("/proc")) {
    const std::string name = entry.path().filename();
    if (name.find_first_not_of("0123456789") != std::string::npos) continue;
    std::ifstream stream(entry.path() / "cmdline");
    const std::string words((std::istreambuf_iterator<char>(stream)), {});
    const bool is_worker = words.find("worker") != std::string::npos;
    if (is_worker && words.find(folder) != std::string::npos) return std::stoi(name);
  }
  return -1;
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

// The second names a background that is not there.
constexpr const char* kOneOfThreeFails =
    R"("list": [{"seed": 1}, {"background.method": "file", "background.file": "none.png"}, {"seed": 2}])";

TEST_F(SweepCommand, AFailingTrialDoesNotStopTheOthers) {
  const Outcome outcome = run(sweep(write_sweep(kOneOfThreeFails)));
  EXPECT_EQ(outcome.code, static_cast<int>(ExitCode::kInput)) << outcome.err;
  EXPECT_THAT(outcome.err, HasSubstr("1 of 3 trials failed"));
  EXPECT_THAT(outcome.err, HasSubstr("none.png"));
  EXPECT_EQ(column(status(), "state"),
            (std::vector<std::string>{"\"done\"", "\"failed\"", "\"done\""}));
  const Outcome table = run({"sweep", "status", path("out")});
  EXPECT_THAT(table.out, HasSubstr("none.png"));
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
  EXPECT_THAT(outcome.out, HasSubstr("measured on trial "));
  EXPECT_FALSE(fs::exists(folder_ / "out"));
}

TEST_F(SweepCommand, ResultsAreExported) {
  ASSERT_EQ(run(sweep(write_sweep(R"("grid": {"seed": [1, 2]})"))).code, 0);
  ASSERT_EQ(run({"sweep", "export", path("out"), "--csv", path("t.csv")}).code, 0);
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
                    R"("list": [{"background.method": "file", "background.file": "none.png"}])")))
                .code,
            0);
  expect_failure(ExitCode::kInput, {"no trial", "is done yet"}, {"sweep", "best", path("out")});
}

// A cluster of this machine, as far as the program sees it: Slurm's commands as shell scripts.
class SlurmSweep : public SweepCommand {
 protected:
  SlurmSweep() {
    write_command("sbatch", R"sh(
for word; do
  case $word in
    --array=1-*) count=${word#--array=1-}; count=${count%\%*} ;;
    --output=*) log=${word#--output=} ;;
  esac
done
job=$((100 + $(ls jobs | wc -l)))
cat >"jobs/$job"
echo "$*" >>calls
for i in $(seq "$count"); do
  touch "tasks/${job}_$i"
  (
    SLURM_ARRAY_JOB_ID=$job SLURM_ARRAY_TASK_ID=$i sh "jobs/$job" &
    echo $! >"tasks/${job}_$i"
    wait
    rm "tasks/${job}_$i"
  ) >"$(echo "$log" | sed "s/%A/$job/; s/%a/$i/")" 2>&1 &
done
echo $job
)sh");
    write_command("squeue", "ls tasks");
    write_command("scancel", R"sh(
case "$*" in *--signal=INT*) cat tasks/* | xargs -r kill -INT ;; esac
)sh");
    fs::create_directories(folder_ / "slurm/jobs");
    fs::create_directories(folder_ / "slurm/tasks");
    path_ = std::getenv("PATH");
    ::setenv("PATH", (path("slurm") + ":" + path_).c_str(), 1);
  }
  ~SlurmSweep() override { ::setenv("PATH", path_.c_str(), 1); }

  void write_command(const std::string& name, const std::string& script) const {
    const fs::path file = folder_ / "slurm" / name;
    save_text(file, "#!/bin/sh\ncd " + path("slurm") + "\n" + script);
    fs::permissions(file, fs::perms::owner_all);
  }

  Arguments on_slurm(const std::string& file, const Arguments& more = {}) const {
    Arguments words = sweep(file, {"--launcher", "slurm", "--jobs", "3"});
    words.insert(words.end(), more.begin(), more.end());
    return words;
  }

  std::string path_;
};

TEST_F(SlurmSweep, RunsTheSameTrialsAsOneJobArray) {
  const Outcome outcome = run(on_slurm(write_sweep(kGrid)));
  ASSERT_EQ(outcome.code, 0) << outcome.err;
  EXPECT_THAT(outcome.out, HasSubstr("Best trial: "));
  const json trials = status();
  expect_all_done(trials, 4);
  const std::string calls = read_file(path("slurm/calls"));
  EXPECT_THAT(calls, HasSubstr("--array=1-4%3"));
  EXPECT_THAT(calls, HasSubstr("--cpus-per-task=1"));
  EXPECT_EQ(std::ranges::count(calls, '\n'), 1);
  fs::rename(folder_ / "out", folder_ / "cluster");
  ASSERT_EQ(run(sweep(write_sweep(kGrid))).code, 0);
  EXPECT_EQ(column(status(), "F"), column(trials, "F"));
  EXPECT_EQ(column(status(), "id"), column(trials, "id"));
}

TEST_F(SlurmSweep, ATaskThatDiesHasFailedAndIsTriedAgain) {
  const std::string file =
      write_sweep(R"("grid": {"seed": [1]})", R"("train.steps": 150, "train.checkpoint_every": 5)");
  const pid_t process = start_until(on_slurm(file), [&] { return checkpoints() >= 1; });
  EXPECT_EQ(column(status(), "state"), std::vector<std::string>{"\"running\""});
  ::kill(find_worker(path("out")), SIGKILL);
  const Outcome outcome = finish(process);
  EXPECT_EQ(outcome.code, static_cast<int>(ExitCode::kInternal));
  EXPECT_THAT(outcome.err, HasSubstr("its Slurm job ended before it did"));
  EXPECT_THAT(outcome.err, HasSubstr(path("out/slurm/100_1.log")));
  EXPECT_EQ(run(on_slurm(file)).code, 0);
  expect_all_done(status(), 1);
}

TEST_F(SlurmSweep, InterruptedItSavesWhatRuns) {
  const std::string file = write_sweep(R"("grid": {"seed": [1]})",
                                       R"("train.steps": 100000, "train.checkpoint_every": 1)");
  const pid_t process = start_until(on_slurm(file), [&] { return checkpoints() >= 1; });
  ::kill(process, SIGINT);
  const Outcome outcome = finish(process);
  EXPECT_EQ(outcome.code, static_cast<int>(ExitCode::kInterrupted)) << outcome.err;
  EXPECT_EQ(column(status(), "state"), std::vector<std::string>{"\"waiting\""});
  EXPECT_EQ(find_worker(path("out")), -1);
}

TEST_F(SlurmSweep, WhatSlurmRefusesIsSaid) {
  const std::string file = write_sweep(R"("grid": {"seed": [1]})");
  write_command("sbatch", "echo 'error: invalid partition' >&2; exit 1");
  expect_failure(ExitCode::kInput, {"invalid partition", "SBATCH_PARTITION"}, on_slurm(file));
  write_command("sbatch", "echo 7");
  expect_failure(ExitCode::kInternal, {"Slurm job 7 ended without taking a trial", "7_1.log"},
                 on_slurm(file));
}

TEST_F(SweepCommand, ReportShowsWhatTheLedgerHolds) {
  ASSERT_NE(run(sweep(write_sweep(kOneOfThreeFails))).code, 0);
  const Outcome report = run({"report", path("out")});
  ASSERT_EQ(report.code, 0) << report.err;
  const std::string page = read_file(path("out/report.html"));
  for (const json& trial : status()) {
    const std::string id = trial.at("id");
    EXPECT_THAT(page, HasSubstr(fmt::format("href=\"./trials/{}/run/\">{}</a>", id, id)));
    if (trial.contains("F")) {
      EXPECT_THAT(page, HasSubstr(fmt::format("data-value=\"{}\"", trial.at("F").dump())));
    }
  }
  EXPECT_THAT(page, HasSubstr("data-value=\"failed\""));
}

}  // namespace
}  // namespace proxseg
