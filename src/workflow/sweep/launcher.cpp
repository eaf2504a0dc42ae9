#include "proxseg/workflow/sweep/launcher.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <spawn.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <chrono>
#include <csignal>
#include <cstring>
#include <map>
#include <thread>

#include "proxseg/core/error.h"
#include "workflow/sweep/process.h"

namespace proxseg {
namespace {

constexpr auto kPause = std::chrono::milliseconds(50);
constexpr int kPausesPerLook = 10;

std::vector<char*> pointers_to(std::vector<std::string>& words) {
  std::vector<char*> pointers;
  for (std::string& word : words) pointers.push_back(word.data());
  pointers.push_back(nullptr);
  return pointers;
}

// In a process group of its own: Ctrl-C on the terminal reaches this process alone, which passes it
// on once.
pid_t start_worker(const LaunchOptions& options) {
  std::vector<std::string> words = options.worker;
  words.insert(words.begin(), "proxseg");
  posix_spawn_file_actions_t actions;
  ::posix_spawn_file_actions_init(&actions);
  ::posix_spawn_file_actions_addopen(&actions, STDIN_FILENO, "/dev/null", O_RDONLY, 0);
  posix_spawnattr_t attributes;
  ::posix_spawnattr_init(&attributes);
  ::posix_spawnattr_setflags(&attributes, POSIX_SPAWN_SETPGROUP);
  ::posix_spawnattr_setpgroup(&attributes, 0);
  pid_t process = -1;
  const int error = ::posix_spawn(&process, "/proc/self/exe", &actions, &attributes,
                                  pointers_to(words).data(), environ);
  ::posix_spawnattr_destroy(&attributes);
  ::posix_spawn_file_actions_destroy(&actions);
  if (error != 0) {
    throw Error(ExitCode::kInternal,
                fmt::format("cannot start a worker: {}", std::strerror(error)));
  }
  return process;
}

std::string describe_end(int status) {
  if (!WIFSIGNALED(status)) return fmt::format("ended with exit code {}", WEXITSTATUS(status));
  const int signal = WTERMSIG(status);
  return fmt::format("killed by signal {} ({})", signal, ::strsignal(signal));
}

int64_t count(const std::vector<Trial>& trials, TrialState state) {
  return std::ranges::count(trials, state, &Trial::state);
}

class Workers {
 public:
  Workers(Ledger& ledger, const LaunchOptions& options) : ledger_(ledger), options_(options) {}
  // However launch() ends, no worker outlives it.
  ~Workers() {
    interrupt();
    while (!processes_.empty()) {
      int status = 0;
      while (::waitpid(processes_.begin()->first, &status, 0) < 0 && errno == EINTR) continue;
      processes_.erase(processes_.begin());
    }
  }
  Workers(const Workers&) = delete;
  Workers& operator=(const Workers&) = delete;

  // As many as there are trials for, up to the number of jobs.
  void start_for(const std::vector<Trial>& trials) {
    int64_t wanted = count(trials, TrialState::kWaiting);
    for (const auto& [process, identity] : processes_) {
      // One that has not taken its trial yet will take one of those.
      if (!holds_one_of(trials, process)) --wanted;
    }
    while (wanted-- > 0 && static_cast<int64_t>(processes_.size()) < options_.jobs) {
      const pid_t process = start_worker(options_);
      processes_[process] = process_identity(process);
    }
  }

  // Settles the trials of those that have ended. False if none has.
  bool reap() {
    const size_t before = processes_.size();
    std::erase_if(processes_, [&](const auto& worker) {
      int status = 0;
      if (::waitpid(worker.first, &status, WNOHANG) != worker.first) return false;
      settle(worker.second, status);
      return true;
    });
    if (lost_ > kMostLost) {
      throw Error(
          ExitCode::kInternal,
          fmt::format("{} workers in a row came to nothing, the last {}", lost_, last_end_));
    }
    return processes_.size() < before;
  }

  void interrupt() const {
    for (const auto& [process, identity] : processes_) ::kill(process, SIGINT);
  }

  bool empty() const { return processes_.empty(); }

 private:
  static constexpr int kMostLost = 3;

  // A worker that has settled its trial ends with 0, whatever came of the trial, or as interrupted.
  void settle(const std::string& identity, int status) {
    const int code = WIFEXITED(status) ? WEXITSTATUS(status) : 1;
    last_end_ = describe_end(status);
    const bool held_one = ledger_.fail_trial_of(identity, last_end_, code);
    const bool has_settled = code == 0 || code == static_cast<int>(ExitCode::kInterrupted);
    const bool was_interrupted = WIFSIGNALED(status) && WTERMSIG(status) == SIGINT;
    lost_ = held_one || has_settled || was_interrupted ? 0 : lost_ + 1;
  }

  static bool holds_one_of(const std::vector<Trial>& trials, pid_t process) {
    return std::ranges::any_of(trials, [&](const Trial& trial) {
      return trial.state == TrialState::kRunning && trial.process == process;
    });
  }

  Ledger& ledger_;
  const LaunchOptions& options_;
  std::map<pid_t, std::string> processes_;  // with their identities
  int lost_ = 0;  // workers in a row that ended badly before they had a trial
  std::string last_end_;
};

}  // namespace

void launch(Ledger& ledger, const LaunchOptions& options, const LaunchCallbacks& callbacks) {
  const int64_t failed_before = count(ledger.trials(), TrialState::kFailed);
  Workers workers(ledger, options);
  bool stopping = false;
  for (int pauses = 0;; ++pauses) {
    const bool changed = workers.reap();
    if (!stopping && callbacks.should_stop()) {
      stopping = true;
      workers.interrupt();
    }
    if (changed || pauses % kPausesPerLook == 0) {
      std::vector<Trial> trials = ledger.trials();
      callbacks.on_look(trials);
      if (!stopping && options.fail_fast && count(trials, TrialState::kFailed) > failed_before) {
        stopping = true;
        workers.interrupt();
      }
      const bool all_settled =
          count(trials, TrialState::kWaiting) + count(trials, TrialState::kRunning) == 0;
      if (all_settled && !ledger.promote()) return;
      if (!stopping) workers.start_for(all_settled ? ledger.trials() : trials);
    }
    if (stopping && workers.empty()) return;
    std::this_thread::sleep_for(kPause);
  }
}

void end_with_parent() {
  const pid_t parent = ::getppid();
  ::prctl(PR_SET_PDEATHSIG, SIGINT);
  // It may have died before that.
  if (::getppid() != parent) ::raise(SIGINT);
}

}  // namespace proxseg
