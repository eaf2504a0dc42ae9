// Sweeps on a cluster.
#include <gmock/gmock.h>

#include <cstdlib>

#include "cli/sweep_command.h"

namespace proxseg {
namespace {

namespace fs = std::filesystem;
using nlohmann::json;
using ::testing::HasSubstr;

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
  EXPECT_THAT(outcome.out, HasSubstr("Best of 2 configurations: F "));
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

TEST_F(SlurmSweep, WithoutSlurmThatIsWhatIsSaid) {
  fs::create_directories(folder_ / "empty");
  ::setenv("PATH", path("empty").c_str(), 1);
  expect_failure(ExitCode::kInput, {"sbatch is not installed here"},
                 on_slurm(write_sweep(R"("grid": {"seed": [1]})")));
}

TEST_F(SlurmSweep, WhatSlurmRefusesIsSaid) {
  const std::string file = write_sweep(R"("grid": {"seed": [1]})");
  write_command("sbatch", "echo 'error: invalid partition' >&2; exit 1");
  expect_failure(ExitCode::kInput, {"invalid partition", "SBATCH_PARTITION"}, on_slurm(file));
  write_command("sbatch", "echo 7");
  expect_failure(ExitCode::kInternal, {"Slurm job 7 ended without taking a trial", "7_1.log"},
                 on_slurm(file));
}

}  // namespace
}  // namespace proxseg
