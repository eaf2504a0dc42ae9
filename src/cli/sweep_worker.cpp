#include "cli/sweep_worker.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <unistd.h>

#include <cerrno>
#include <chrono>
#include <cstring>

#include "cli/failure.h"
#include "cli/interrupt.h"
#include "cli/libraries.h"
#include "cli/training.h"
#include "proxseg/core/error.h"
#include "proxseg/core/file.h"
#include "proxseg/workflow/sweep/launcher.h"
#include "proxseg/workflow/sweep/run_trial.h"

namespace proxseg::cli {
namespace fs = std::filesystem;
namespace {

// Tells the ledger where the trial stands, once a second at most.
class Reporter {
 public:
  Reporter(Ledger& ledger, std::string id) : ledger_(ledger), id_(std::move(id)) {}

  void report(const char* stage, int64_t done, int64_t total) {
    const auto now = Clock::now();
    if (done < total && now - reported_ < std::chrono::seconds(1)) return;
    reported_ = now;
    ledger_.report(id_, fmt::format("{} {}/{}", stage, done, total));
  }

 private:
  using Clock = std::chrono::steady_clock;
  Ledger& ledger_;
  std::string id_;
  Clock::time_point reported_ = Clock::now() - std::chrono::seconds(2);
};

void speak_into(const fs::path& log) {
  const int file = ::open(log.c_str(), O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0666);
  if (file < 0) {
    throw OutputError(fmt::format("cannot write '{}': {}", log.string(), std::strerror(errno)));
  }
  ::dup2(file, STDOUT_FILENO);
  ::dup2(file, STDERR_FILENO);
  ::close(file);
}

std::optional<TrialResult> run(Ledger& ledger, const Trial& trial, const fs::path& folder,
                               int64_t threads) {
  make_writable_folder(folder);
  speak_into(folder / "log.txt");
  const ResolvedRecipe recipe = recipe_of(trial, threads);
  start_libraries(recipe.recipe);
  Reporter reporter(ledger, trial.id);
  TrainCallbacks training = training_callbacks();
  const auto log_step = training.on_step;
  training.on_step = [&](const StepReport& report, int64_t total) {
    log_step(report, total);
    reporter.report("train", report.step + 1, total);
  };
  InferCallbacks segmenting;
  segmenting.on_frames = [&](int64_t done, int64_t total) {
    reporter.report("masks", done, total);
  };
  segmenting.should_stop = interrupt_requested;
  return run_trial(trial, recipe, folder, training, segmenting);
}

}  // namespace

void work_off_a_trial(const fs::path& folder, int64_t threads, const std::string& owner) {
  end_with_parent();
  Ledger ledger(folder);
  const auto trial = ledger.claim(::getpid(), owner);
  if (!trial) return;
  try {
    if (const auto result = run(ledger, *trial, trial_folder(folder, trial->id), threads)) {
      return ledger.finish(trial->id, *result);
    }
  } catch (...) {
    const Failure failure = current_failure();
    fmt::print(stderr, "proxseg: error: {}\n", failure.message);
    return ledger.fail(trial->id, failure.message, static_cast<int>(failure.code));
  }
  ledger.release(trial->id);
  throw Error(ExitCode::kInterrupted, "stopped; everything is saved");
}

}  // namespace proxseg::cli
