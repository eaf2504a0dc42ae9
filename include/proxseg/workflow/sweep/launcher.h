// Workers for a sweep: child processes of the same program, each of which takes one trial from the
// ledger, works it off and ends.
#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <string>
#include <vector>

#include "proxseg/workflow/sweep/ledger.h"

namespace proxseg {

struct LaunchOptions {
  std::vector<std::string> worker;  // arguments that make this program a worker
  int64_t jobs = 1;                 // workers at a time
  bool fail_fast = false;           // the first failure ends it
};

struct LaunchCallbacks {
  // Now and then, and at the end.
  std::function<void(const std::vector<Trial>&)> on_look = [](const std::vector<Trial>&) {};
  // Asked several times a second; true sends each worker one SIGINT and waits for it to end.
  std::function<bool()> should_stop = [] { return false; };
};

// Until no trial of the ledger is waiting or running, be it here or in another process; until
// stopped; or, with fail_fast, until a trial fails. Workers that end without having settled their
// trial, killed or crashed, have failed.
void launch(Ledger& ledger, const LaunchOptions& options, const LaunchCallbacks& callbacks);

struct SlurmOptions {
  // Of the sweep, on a disk that all nodes share; the jobs' output goes to slurm/ in it.
  std::filesystem::path folder;
  int64_t cores = 1;  // of a job
};

// The same on a cluster: the workers are tasks of Slurm's job arrays, at most options.jobs at a
// time. Partition, account, time limit and all else are as sbatch's environment says
// (SBATCH_PARTITION, ...). Stopping sends them SIGINT and takes back those that have not begun.
// Tasks that end without having settled their trial have failed. Throws InputError where Slurm
// cannot be reached or takes no job; Error of ExitCode::kInternal if a whole array comes to
// nothing.
void launch_on_slurm(Ledger& ledger, const LaunchOptions& options, const SlurmOptions& slurm,
                     const LaunchCallbacks& callbacks);

// For a worker, first thing: ends gently, by SIGINT, if the process that started it dies.
void end_with_parent();

}  // namespace proxseg
