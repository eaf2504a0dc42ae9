#include "proxseg/workflow/sweep/launcher.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <chrono>
#include <csignal>
#include <cstring>
#include <map>
#include <optional>
#include <thread>

#include "proxseg/core/error.h"
#include "workflow/spawn.h"
#include "workflow/sweep/workers.h"

namespace proxseg {
namespace {

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
  const auto [process, error] = spawn("/proc/self/exe", std::move(words), &actions, &attributes);
  ::posix_spawnattr_destroy(&attributes);
  ::posix_spawn_file_actions_destroy(&actions);
  if (error == 0) return process;
  throw Error(ExitCode::kInternal, fmt::format("cannot start a worker: {}", std::strerror(error)));
}

// status: of waitpid(); nothing where the system does not tell.
std::string describe_end(std::optional<int> status) {
  if (!status) return "ended, and the system does not say how";
  if (!WIFSIGNALED(*status)) return fmt::format("ended with exit code {}", WEXITSTATUS(*status));
  const int signal = WTERMSIG(*status);
  return fmt::format("killed by signal {} ({})", signal, ::strsignal(signal));
}

class LocalWorkers final : public Workers {
 public:
  LocalWorkers(Ledger& ledger, const LaunchOptions& options) : ledger_(ledger), options_(options) {}
  // However launch() ends, no worker outlives it.
  ~LocalWorkers() override {
    LocalWorkers::interrupt();
    for (const auto& [process, identity] : processes_) {
      while (::waitpid(process, nullptr, 0) < 0 && errno == EINTR) continue;
    }
  }
  LocalWorkers(const LocalWorkers&) = delete;
  LocalWorkers& operator=(const LocalWorkers&) = delete;

  void start(int64_t wanted, const Standing&) override {
    while (wanted-- > 0 && static_cast<int64_t>(processes_.size()) < options_.jobs) {
      const pid_t process = start_worker(options_);
      processes_[process] = process_identity(process);
    }
  }

  bool reap(bool) override {
    const auto ended = std::erase_if(processes_, [&](const auto& worker) {
      int status = 0;
      const pid_t process = ::waitpid(worker.first, &status, WNOHANG);
      if (process == 0 || (process < 0 && errno == EINTR)) return false;
      settle(worker.second, process < 0 ? std::nullopt : std::optional(status));
      return true;
    });
    if (lost_ <= kMostLost) return ended > 0;
    throw Error(
        ExitCode::kInternal,
        fmt::format("{} workers in a row ended before they had claimed a trial, the last {}", lost_,
                    last_end_));
  }

  void interrupt() override {
    for (const auto& [process, identity] : processes_) ::kill(process, SIGINT);
  }

  std::vector<std::string> identities() const override {
    std::vector<std::string> identities;
    for (const auto& [process, identity] : processes_) identities.push_back(identity);
    return identities;
  }

 private:
  static constexpr int kMostLost = 3;

  // A worker that has recorded the result of its trial, whatever it is, ends with 0 or as
  // interrupted.
  void settle(const std::string& identity, std::optional<int> status) {
    const int code = status && WIFEXITED(*status) ? WEXITSTATUS(*status) : 1;
    last_end_ = describe_end(status);
    const bool held_one = ledger_.fail_trial_of(identity, last_end_, code);
    const bool has_settled = code == 0 || code == static_cast<int>(ExitCode::kInterrupted);
    const bool was_interrupted = status && WIFSIGNALED(*status) && WTERMSIG(*status) == SIGINT;
    lost_ = held_one || has_settled || was_interrupted ? 0 : lost_ + 1;
  }

  Ledger& ledger_;
  const LaunchOptions& options_;
  std::map<pid_t, std::string> processes_;  // with their identities
  int lost_ = 0;  // workers in a row that ended badly before they had a trial
  std::string last_end_;
};

// Shows the trials, but spends no more than a twentieth of the time on it: there may be many.
class Show {
 public:
  Show(const Ledger& ledger, const LaunchCallbacks& callbacks)
      : ledger_(ledger), callbacks_(callbacks) {}

  void now() {
    const auto start = Clock::now();
    callbacks_.on_look(ledger_.trials());
    next_ = Clock::now() + 20 * (Clock::now() - start);
  }
  void if_due() {
    if (Clock::now() >= next_) now();
  }

 private:
  using Clock = std::chrono::steady_clock;
  const Ledger& ledger_;
  const LaunchCallbacks& callbacks_;
  Clock::time_point next_;
};

// Waiting trials that no worker will take which is there already: one that holds none takes one.
int64_t trials_to_start(const Workers& workers, const Standing& standing) {
  int64_t wanted = standing.waiting;
  for (const std::string& identity : workers.identities()) {
    if (!standing.owners.contains(identity)) --wanted;
  }
  return wanted;
}

// Counts time in the ledger, where there is a budget.
class Budget {
 public:
  Budget(Ledger& ledger, std::optional<double> seconds) : ledger_(ledger), seconds_(seconds) {}

  bool is_spent() {
    if (!seconds_) return false;
    const auto now = Clock::now();
    const double passed = std::chrono::duration<double>(now - counted_).count();
    counted_ = now;
    return ledger_.spend(passed) >= *seconds_;
  }

 private:
  using Clock = std::chrono::steady_clock;
  Ledger& ledger_;
  std::optional<double> seconds_;
  Clock::time_point counted_ = Clock::now();
};

// Shows other machines that this one is at work, and takes the trials of those that show nothing
// any more. Counts by this machine's clock alone, as clocks differ.
class Signs {
 public:
  Signs(Ledger& ledger, double lease) : ledger_(ledger), lease_(lease) {}

  void look() {
    const auto now = Clock::now();
    if (now < next_) return;
    next_ = now + std::chrono::duration_cast<Clock::duration>(lease_ / 6);
    ledger_.beat();
    std::map<std::string, Sign> seen;
    for (const auto& [machine, beats] : ledger_.beats_elsewhere()) {
      const auto before = signs_.find(machine);
      const bool is_new = before == signs_.end() || before->second.beats != beats;
      const Sign sign = is_new ? Sign{beats, now} : before->second;
      if (now - sign.seen > lease_) {
        ledger_.take_from(machine);
      } else {
        seen[machine] = sign;
      }
    }
    signs_ = std::move(seen);
  }

 private:
  using Clock = std::chrono::steady_clock;
  struct Sign {
    int64_t beats = 0;
    Clock::time_point seen;  // when it was new
  };

  Ledger& ledger_;
  std::chrono::duration<double> lease_;
  std::map<std::string, Sign> signs_;  // by machine
  Clock::time_point next_;
};

// Adds trials where a search has further ones and a worker is free; false where none was added.
bool goes_on(Ledger& ledger, const Standing& standing, const Workers& workers,
             const LaunchOptions& options, const LaunchCallbacks& callbacks) {
  if (standing.waiting + standing.running == 0 && ledger.promote()) return true;
  const auto at_work = std::ranges::count_if(workers.identities(), [&](const auto& identity) {
    return standing.owners.contains(identity);
  });
  if (!callbacks.propose || standing.waiting > 0 || at_work >= options.jobs) return false;
  return ledger.extend(callbacks.propose);
}

}  // namespace

void keep_at_work(Ledger& ledger, Workers& workers, const LaunchOptions& options,
                  const LaunchCallbacks& callbacks, std::chrono::milliseconds pause,
                  int pauses_per_look) {
  ledger.set_jobs(options.jobs);
  const int64_t failed_before = ledger.standing().failed;
  Show show(ledger, callbacks);
  Budget budget(ledger, options.budget);
  Signs signs(ledger, options.lease);
  bool stopping = false;
  const auto stop = [&] {
    stopping = true;
    workers.interrupt();
  };
  for (int pauses = 0;; ++pauses) {
    const bool asked = !stopping && callbacks.should_stop();
    const bool looks = asked || pauses % pauses_per_look == 0;
    const bool changed = workers.reap(looks);
    if (asked) stop();
    if (looks || changed) {
      show.if_due();
      signs.look();
      Standing standing = ledger.standing();
      if (!stopping && options.fail_fast && standing.failed > failed_before) stop();
      const bool starts = !stopping && !budget.is_spent();
      if (starts && goes_on(ledger, standing, workers, options, callbacks))
        standing = ledger.standing();
      const bool nobody_takes_more = !starts && workers.identities().empty();
      if (standing.running == 0 && (standing.waiting == 0 || nobody_takes_more)) return show.now();
      const int64_t wanted = starts ? trials_to_start(workers, standing) : 0;
      if (wanted > 0) workers.start(wanted, standing);
    }
    if (stopping && workers.identities().empty()) return show.now();
    std::this_thread::sleep_for(pause);
  }
}

void launch(Ledger& ledger, const LaunchOptions& options, const LaunchCallbacks& callbacks) {
  LocalWorkers workers(ledger, options);
  keep_at_work(ledger, workers, options, callbacks, std::chrono::milliseconds(50),
               /*pauses_per_look=*/10);
}

SweepActivity SweepWatch::look(const Ledger& ledger, const std::vector<Trial>& trials) {
  std::string seen = fmt::format("{}", ledger.beats());
  for (const Trial& trial : trials) {
    seen += fmt::format(";{} {} {}", static_cast<int>(trial.state), trial.attempts, trial.progress);
  }
  const auto now = Clock::now();
  if (seen != seen_) when_ = now;
  seen_ = std::move(seen);
  const auto has = [&](TrialState state) {
    return std::ranges::find(trials, state, &Trial::state) != trials.end();
  };
  const bool runs = has(TrialState::kRunning);
  const bool is_settled =
      !runs && !has(TrialState::kWaiting) && std::ssize(trials) >= ledger.most_trials();
  if (!is_settled) settled_.reset();
  if (is_settled && !settled_) settled_ = now;
  // Successive halving goes on a little later.
  const auto patience = std::chrono::seconds(ledger.halving() ? 2 : 0);
  if (is_settled && now - *settled_ >= patience) return SweepActivity::kDone;
  const bool is_spent = ledger.budget_left().value_or(1.0) <= 0.0;
  if (is_spent && !runs && !is_settled) return SweepActivity::kSpent;
  const bool is_idle = std::chrono::duration<double>(now - when_).count() >= lease_;
  return is_idle ? SweepActivity::kIdle : SweepActivity::kAtWork;
}

void end_with_parent() {
  const pid_t parent = ::getppid();
  ::prctl(PR_SET_PDEATHSIG, SIGINT);
  // It may have died before that.
  if (::getppid() != parent) ::raise(SIGINT);
}

}  // namespace proxseg
