// Workers of a sweep: processes of this program that each claim one trial from the ledger, run it
// and end.
#pragma once

#include <chrono>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "proxseg/workflow/sweep/ledger.h"

namespace proxseg {

struct LaunchOptions {
  std::vector<std::string> worker;  // the program's arguments that start a worker
  int64_t jobs = 1;                 // workers at a time
  bool fail_fast = false;           // stop at the first failure
  // Seconds of work, by all processes together, after which no further trial is started.
  std::optional<double> budget;
  // Seconds without a sign of life from a machine that shares the ledger, after which its trials
  // are taken from it.
  double lease = 60.0;
};

struct LaunchCallbacks {
  // Called now and then, and at the end.
  std::function<void(const std::vector<Trial>&)> on_look = [](const std::vector<Trial>&) {};
  // Asked several times a second; true sends each worker one SIGINT and waits for it to end.
  std::function<bool()> should_stop = [] { return false; };
  // Asked for further trials where fewer than `jobs` are at work and none waits.
  std::function<std::vector<PlannedTrial>(const std::vector<Trial>&)> propose;
};

// Runs workers until no trial of the ledger is waiting or running, here, in another process or on
// another machine; until stopped or, once the budget is spent, until those at work are done; or,
// with fail_fast, until a trial fails. If a worker crashes or is killed, its trial counts as
// failed; if a whole machine is lost, its trials wait again.
void launch(Ledger& ledger, const LaunchOptions& options, const LaunchCallbacks& callbacks);

// kDone: no trial waits or runs, nor will. kSpent: nothing runs, and the budget is spent. kIdle:
// nobody works on it.
enum class SweepActivity { kAtWork, kDone, kSpent, kIdle };

// What becomes of a sweep, as one sees who looks at its ledger again and again.
class SweepWatch {
 public:
  // lease: seconds without a change in the ledger after which it is idle.
  explicit SweepWatch(double lease = LaunchOptions().lease) : lease_(lease) {}

  // trials: those of the ledger now.
  SweepActivity look(const Ledger& ledger, const std::vector<Trial>& trials);

 private:
  using Clock = std::chrono::steady_clock;
  double lease_;
  std::string seen_;
  Clock::time_point when_;                    // it was new
  std::optional<Clock::time_point> settled_;  // since when no trial waits or runs
};

struct SlurmOptions {
  // The sweep's folder, on a disk that all nodes share; the jobs' output goes to slurm/ in it.
  std::filesystem::path folder;
  int64_t cores = 1;  // of a job
};

// The same on a cluster: workers are tasks of Slurm job arrays, at most options.jobs at a time.
// Partition, account, time limit and the like come from sbatch's environment (SBATCH_PARTITION,
// ...). Stopping sends running tasks SIGINT and cancels those that wait. Throws InputError where
// Slurm cannot be reached or accepts no job; Error of ExitCode::kInternal if no task of an array
// can claim a trial.
void launch_on_slurm(Ledger& ledger, const LaunchOptions& options, const SlurmOptions& slurm,
                     const LaunchCallbacks& callbacks);

// A worker calls this first: it then gets SIGINT when the process that started it dies.
void end_with_parent();

}  // namespace proxseg
