#include <fcntl.h>
#include <fmt/format.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <sstream>

#include "proxseg/core/error.h"
#include "proxseg/core/file.h"
#include "proxseg/core/temporary_folder.h"
#include "proxseg/core/text.h"
#include "workflow/spawn.h"
#include "workflow/sweep/workers.h"

namespace proxseg {
namespace fs = std::filesystem;
namespace {

using Words = std::vector<std::string>;

struct Answer {
  bool succeeded = false;
  std::string output;  // and what it said on stderr
  int error = 0;       // an errno where it could not be started, else 0
};

// Runs a command with input on its stdin.
Answer ask(Words words, const std::string& input = {}) {
  const TemporaryFolder folder;
  const std::string in = folder / "in", out = folder / "out";
  write_file_atomically(in, input);
  posix_spawn_file_actions_t actions;
  ::posix_spawn_file_actions_init(&actions);
  ::posix_spawn_file_actions_addopen(&actions, STDIN_FILENO, in.c_str(), O_RDONLY, 0);
  ::posix_spawn_file_actions_addopen(&actions, STDOUT_FILENO, out.c_str(),
                                     O_WRONLY | O_CREAT | O_TRUNC, 0600);
  ::posix_spawn_file_actions_adddup2(&actions, STDOUT_FILENO, STDERR_FILENO);
  const std::string program = words.front();
  const auto [process, error] = spawn(program, std::move(words), &actions);
  ::posix_spawn_file_actions_destroy(&actions);
  if (error != 0) return {false, std::strerror(error), error};
  int status = 0;
  pid_t ended = -1;
  do {
    ended = ::waitpid(process, &status, 0);
  } while (ended < 0 && errno == EINTR);
  return {ended == process && WIFEXITED(status) && WEXITSTATUS(status) == 0, read_file(out), 0};
}

// The tasks that one sweep has submitted.
class SlurmWorkers final : public Workers {
 public:
  SlurmWorkers(Ledger& ledger, const LaunchOptions& options, const SlurmOptions& slurm)
      : ledger_(ledger),
        options_(options),
        slurm_(slurm),
        logs_(fs::absolute(slurm.folder) / "slurm") {
    make_writable_folder(logs_);
  }

  void start(int64_t wanted, const Standing& standing) override {
    expect_progress(standing.attempts);
    jobs_.push_back(submit(wanted));
    for (int64_t i = 1; i <= wanted; ++i) tasks_.insert(fmt::format("{}_{}", jobs_.back(), i));
  }

  bool reap(bool looks) override {
    const auto listed = looks ? slurm_tasks() : std::nullopt;
    if (!listed) return false;
    return 0 < std::erase_if(tasks_, [&](const std::string& task) {
             if (listed->contains(task)) return false;
             ledger_.fail_trial_of(slurm_identity(task),
                                   fmt::format("its Slurm job ended before it did; see {}",
                                               (logs_ / (task + ".log")).string()),
                                   static_cast<int>(ExitCode::kInternal));
             return true;
           });
  }

  // SIGINT to what runs, and takes back what waits.
  void interrupt() override {
    if (jobs_.empty()) return;
    for (Words words :
         {Words{"scancel", "--state=PENDING"}, {"scancel", "--full", "--signal=INT"}}) {
      words.insert(words.end(), jobs_.begin(), jobs_.end());
      ask(words);
    }
  }

  std::vector<std::string> identities() const override {
    std::vector<std::string> identities;
    for (const std::string& task : tasks_) identities.push_back(slurm_identity(task));
    return identities;
  }

 private:
  // Submits tasks 1 to count as one array. Returns the job's number.
  std::string submit(int64_t count) const {
    const Answer answer = ask({"sbatch", "--parsable", "--no-requeue", "--job-name=proxseg",
                               fmt::format("--array=1-{}%{}", count, options_.jobs),
                               fmt::format("--cpus-per-task={}", slurm_.cores),
                               "--output=" + (logs_ / "%A_%a.log").string()},
                              script());
    // "JOB" or "JOB;CLUSTER"
    std::string job = answer.output.substr(0, answer.output.find_first_of(";\n"));
    if (answer.succeeded && parse_number<int64_t>(job)) return job;
    if (answer.error == ENOENT) {
      throw InputError("sbatch is not installed here",
                       "Start the sweep on a machine from which jobs are submitted, or without "
                       "--launcher slurm.");
    }
    throw InputError("Slurm does not accept the job: sbatch says: " + answer.output,
                     "Check it with sinfo; partition, account and time limit come from the "
                     "environment, for example SBATCH_PARTITION.");
  }

  std::string script() const {
    return fmt::format("#!/bin/sh\nexec {} {} --owner \"{}\"\n",
                       shell_word(fs::read_symlink("/proc/self/exe").string()),
                       shell_line(options_.worker),
                       slurm_identity("${SLURM_ARRAY_JOB_ID}_${SLURM_ARRAY_TASK_ID}"));
  }

  // Where no task of an array could even take a trial, another array would do no better.
  void expect_progress(int64_t attempts) {
    const bool came_to_nothing = !jobs_.empty() && tasks_.empty() && attempts == attempts_;
    attempts_ = attempts;
    if (!came_to_nothing) return;
    throw Error(ExitCode::kInternal,
                fmt::format("the tasks of Slurm job {} ended without taking a trial", jobs_.back()),
                fmt::format("See {}/{}_1.log.", logs_.string(), jobs_.back()));
  }

  Ledger& ledger_;
  const LaunchOptions& options_;
  const SlurmOptions& slurm_;
  fs::path logs_;
  std::vector<std::string> jobs_;
  std::set<std::string> tasks_;  // "JOB_TASK", those that have not ended
  int64_t attempts_ = 0;         // at all trials, when the last array was submitted
};

}  // namespace

std::optional<std::set<std::string>> slurm_tasks() {
  const Answer answer = ask({"squeue", "--noheader", "--me", "--array", "--format=%i"});
  if (!answer.succeeded) return std::nullopt;
  std::istringstream lines(answer.output);
  std::set<std::string> tasks;
  for (std::string task; lines >> task;) tasks.insert(task);
  return tasks;
}

void launch_on_slurm(Ledger& ledger, const LaunchOptions& options, const SlurmOptions& slurm,
                     const LaunchCallbacks& callbacks) {
  SlurmWorkers workers(ledger, options, slurm);
  keep_at_work(ledger, workers, options, callbacks, std::chrono::milliseconds(100),
               /*pauses_per_look=*/20);
}

}  // namespace proxseg
