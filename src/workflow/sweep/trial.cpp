#include "proxseg/workflow/sweep/trial.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <fmt/ranges.h>
#include <sys/resource.h>
#include <unistd.h>

#include <cerrno>
#include <chrono>
#include <cstring>
#include <nlohmann/json.hpp>
#include <set>

#include "proxseg/core/device.h"
#include "proxseg/core/error.h"
#include "proxseg/core/file.h"
#include "proxseg/core/statistics.h"
#include "proxseg/core/temporary_folder.h"
#include "proxseg/core/text.h"
#include "proxseg/segment/network_segmenter.h"
#include "proxseg/train/evaluation.h"
#include "proxseg/workflow/failure.h"
#include "proxseg/workflow/report/run_record.h"
#include "proxseg/workflow/sweep/progress.h"

namespace proxseg {
namespace fs = std::filesystem;
namespace {

// Tells the ledger where the trial stands, once a second at most.
class TrialProgress {
 public:
  TrialProgress(Ledger& ledger, const Trial& trial) : ledger_(ledger), trial_(trial) {}

  void report(const char* stage, int64_t done, int64_t total) {
    const auto now = Clock::now();
    if (done < total && now - reported_ < std::chrono::seconds(1)) return;
    reported_ = now;
    is_lost_ = !ledger_.report(trial_, fmt::format("{} {}/{}", stage, done, total));
  }

  // Whether the trial is another's by now.
  bool is_lost() const { return is_lost_; }

 private:
  using Clock = std::chrono::steady_clock;
  Ledger& ledger_;
  const Trial& trial_;
  Clock::time_point reported_ = Clock::now() - std::chrono::seconds(2);
  bool is_lost_ = false;
};

void redirect_output_to(const fs::path& log) {
  const int file = ::open(log.c_str(), O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0666);
  if (file < 0) {
    throw OutputError(fmt::format("cannot write '{}': {}", log.string(), std::strerror(errno)));
  }
  ::dup2(file, STDOUT_FILENO);
  ::dup2(file, STDERR_FILENO);
  ::close(file);
}

// Frames spread evenly over the whole sequence of a trial, whichever of them its recipe trains on,
// so that all trials on it are measured by the same.
class SequenceFrames {
 public:
  SequenceFrames(const NamedSequence& sequence, const Recipe& recipe,
                 const std::function<bool()>& should_stop)
      : sequence_(sequence), recipe_(recipe), should_stop_(should_stop) {
    recipe_.input.range = Recipe().input.range;
    recipe_.input.every = Recipe().input.every;
    recipe_.train.max_frames = Recipe().train.max_frames;
  }

  // As the model sees them, on its device. Read once; empty where it was stopped.
  const std::vector<Clip>& clips(const Model& model) {
    if (!clips_.empty()) return clips_;
    LoadCallbacks reading;
    reading.should_stop = should_stop_;
    clips_ = load_clips({sequence_}, recipe_, model.frame_channels == 3, reading);
    const torch::Device device = parse_device(recipe_.device);
    for (Clip& clip : clips_) {
      clip.scene = changed(clip.scene, [&](const torch::Tensor& x) { return x.to(device); });
    }
    return clips_;
  }

 private:
  NamedSequence sequence_;
  Recipe recipe_;
  std::function<bool()> should_stop_;
  std::vector<Clip> clips_;
};

// Looks at the score of a trial in training, and says when it does worse than others did.
class Pruner {
 public:
  Pruner(Ledger& ledger, std::string id)
      : ledger_(ledger), id_(std::move(id)), rule_(ledger.pruning()) {}

  void start(const Trainer& trainer) { trainer_ = &trainer; }

  // After `done` steps of `total`.
  void look(int64_t done, int64_t total, SequenceFrames& frames) {
    if (!rule_ || done == total || done % rule_->every != 0) return;
    const std::vector<Clip>& clips = frames.clips(trainer_->model());
    if (clips.empty()) return;
    const double score = score_so_far(trainer_->model(), clips).value;
    const std::vector<double> others = ledger_.add_score(id_, done, score);
    if (std::ssize(others) < rule_->after) return;
    const double median = median_of(others);
    if (score >= median) return;
    reason_ = fmt::format(
        "its score after {} of {} steps, {:.3f}, is below {:.3f}, the median of {} others", done,
        total, score, median, others.size());
  }

  // Why the trial is to be given up; "" while it is not.
  const std::string& reason() const { return reason_; }

 private:
  Ledger& ledger_;
  std::string id_;
  std::optional<Pruning> rule_;
  const Trainer* trainer_ = nullptr;
  std::string reason_;
};

// By the same frames for all trials on a sequence.
struct Comparable {
  double loss = 0.0;
  double score = 0.0;  // label-free
};

// Of the run's network. Nothing when stopped.
std::optional<Comparable> compare_on(SequenceFrames& frames, const fs::path& run,
                                     const std::string& device) {
  Model model = load_model(run);
  const std::vector<Clip>& clips = frames.clips(model);
  if (clips.empty()) return std::nullopt;
  model.network.to(parse_device(device));
  return Comparable{loss_at_rest(model, clips), label_free_score(model, clips).value};
}

// The run's summary says them, too, for its page.
void write_down(const Comparable& values, const fs::path& run) {
  const fs::path file = run / "summary.json";
  auto summary = nlohmann::ordered_json::parse(read_file(file));
  summary["sequence_loss"] = values.loss;
  summary["sequence_score"] = values.score;
  write_file_atomically(file, json_text(summary));
}

// Trains, from the latest checkpoint in folder if there is one; segments and measures where there
// is ground truth. Nothing when stopped by callbacks, after saving. Throws what training,
// segmenting and measuring throw.
std::optional<TrialResult> run_trial(const Trial& trial, const ResolvedRecipe& recipe,
                                     const fs::path& folder, SequenceFrames& frames,
                                     const WorkCallbacks& callbacks) {
  const auto start = std::chrono::steady_clock::now();
  const fs::path run = folder / "run";
  if (!is_trained(run, recipe.recipe) &&
      train_to_end(run, recipe, trial.sequence, Existing::kResume, callbacks.training)
          .interrupted()) {
    return std::nullopt;
  }
  const RunRecord record = read_run(run);
  TrialResult result;
  const auto comparable = compare_on(frames, run, recipe.recipe.device);
  if (!comparable) return std::nullopt;
  result.loss = comparable->loss;
  result.score = comparable->score;
  write_down(*comparable, run);
  if (trial.has_ground_truth) {
    NetworkSegmenter segmenter(load_model(run));
    const auto measured =
        segment_and_measure(segmenter, trial.sequence, folder / "masks", recipe.recipe, callbacks);
    if (!measured) return std::nullopt;
    result.f_measure = measured->measures.f_measure;
    result.precision = measured->measures.precision;
    result.recall = measured->measures.recall;
    record_f_measure(record, *result.f_measure);
    result.warning = fmt::format("{}", fmt::join(measured->masks.warnings, "; "));
  }
  result.seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
  return result;
}

std::optional<TrialResult> run_logged(Ledger& ledger, const Trial& trial, Pruner& pruner,
                                      const fs::path& folder, int64_t threads,
                                      const WorkCallbacks& callbacks) {
  make_writable_folder(folder);
  redirect_output_to(folder / "log.txt");
  const ResolvedRecipe recipe = recipe_of(trial, threads);
  callbacks.on_recipe(recipe.recipe);
  TrialProgress progress(ledger, trial);
  SequenceFrames frames(trial.sequence, recipe.recipe,
                        [&] { return progress.is_lost() || callbacks.should_stop(); });
  WorkCallbacks reported = callbacks;
  reported.training.on_start = [&](const Trainer& trainer) {
    callbacks.training.on_start(trainer);
    pruner.start(trainer);
  };
  reported.training.on_step = [&](const StepReport& step, int64_t total) {
    callbacks.training.on_step(step, total);
    progress.report("train", step.step + 1, total);
    pruner.look(step.step + 1, total, frames);
  };
  reported.training.should_stop = [&] {
    return !pruner.reason().empty() || progress.is_lost() || callbacks.training.should_stop();
  };
  reported.should_stop = [&] { return progress.is_lost() || callbacks.should_stop(); };
  reported.on_progress = [&](const std::string&, const char*, int64_t done, int64_t total) {
    progress.report("masks", done, total);
  };
  return run_trial(trial, recipe, folder, frames, reported);
}

struct Work {
  double trials = 0.0, steps = 0.0;
};

// Of all trials, in all rungs.
Work work_of(const SweepPlan& plan) {
  Work work{static_cast<double>(plan.trials.size()), 0.0};
  for (const PlannedTrial& trial : plan.trials) {
    const TrainOptions& train = trial.recipe.recipe.train;
    work.steps += static_cast<double>(train.steps + train.alternating_steps);
  }
  if (!plan.halving) return work;
  std::set<std::string> configurations;
  for (const PlannedTrial& trial : plan.trials) configurations.insert(trial.configuration);
  const auto many = std::ssize(configurations);
  work = {};
  for (const Rung& rung : rungs_of(*plan.halving, many, std::ssize(plan.trials) / many)) {
    work.trials += static_cast<double>(rung.trials);
    work.steps += static_cast<double>(rung.trials * rung.steps);
  }
  return work;
}

}  // namespace

fs::path trial_folder(const fs::path& sweep, const std::string& id) {
  return sweep / "trials" / id;
}

ResolvedRecipe recipe_of(const Trial& trial, int64_t threads) {
  ResolvedRecipe resolved;
  resolved.recipe = recipe_from_json(trial.recipe, "trial " + trial.id);
  resolved.origins = nlohmann::json::parse(trial.origins).get<std::map<std::string, std::string>>();
  if (resolved.recipe.threads == 0) {
    resolved.recipe.threads = threads;
    resolved.origins["threads"] = "sweep --jobs";
  }
  if (trial.rung > 0) {
    resolved.recipe.train.steps = trial.steps;
    resolved.origins["train.steps"] = fmt::format("rung {} of the sweep", trial.rung);
  }
  return resolved;
}

void work_on_a_trial(const fs::path& folder, int64_t threads, const std::string& owner,
                     const WorkCallbacks& callbacks) {
  Ledger ledger(folder);
  const auto trial = ledger.claim(::getpid(), owner);
  if (!trial) return;
  try {
    Pruner pruner(ledger, trial->id);
    const fs::path own = trial_folder(folder, trial->id);
    if (const auto result = run_logged(ledger, *trial, pruner, own, threads, callbacks)) {
      if (ledger.finish(*trial, *result)) return;
    } else if (!pruner.reason().empty()) {
      if (ledger.prune(*trial, pruner.reason())) return;
    }
  } catch (...) {
    const Failure failure = current_failure();
    fmt::print(stderr, "proxseg: error: {}\n", failure.message);
    if (ledger.fail(*trial, failure.message, static_cast<int>(failure.code))) return;
  }
  const bool was_own = ledger.release(*trial);
  throw Error(ExitCode::kInterrupted, was_own ? "stopped; everything is saved"
                                              : "another machine has taken this trial over");
}

TrialCost measure_cost(const ResolvedRecipe& recipe, const NamedSequence& sequence,
                       bool has_ground_truth, int64_t threads, double process_seconds,
                       const WorkCallbacks& callbacks) {
  constexpr int64_t kSteps = 6;
  Trial trial;
  trial.sequence = sequence;
  trial.has_ground_truth = has_ground_truth;
  ResolvedRecipe resolved = recipe;
  if (resolved.recipe.threads == 0) resolved.recipe.threads = threads;
  resolved.recipe.train.steps = kSteps;
  resolved.recipe.train.alternating_steps = 0;
  callbacks.on_recipe(resolved.recipe);
  TrialCost cost;
  double steps_seconds = 0.0;
  WorkCallbacks timed = callbacks;
  timed.training.on_step = [&](const StepReport& report, int64_t) {
    steps_seconds += report.seconds;
    // The first step also warms up.
    if (report.step > 0) cost.step_seconds += report.seconds / (kSteps - 1);
  };
  timed.training.should_stop = callbacks.should_stop;
  const TemporaryFolder scratch;
  SequenceFrames frames(sequence, resolved.recipe, callbacks.should_stop);
  const auto result = run_trial(trial, resolved, scratch / "trial", frames, timed);
  if (!result) throw Error(ExitCode::kInterrupted, "stopped; nothing was written");
  cost.seconds = process_seconds + result->seconds - steps_seconds;
  rusage usage{};
  ::getrusage(RUSAGE_SELF, &usage);
  cost.bytes = int64_t{usage.ru_maxrss} * 1024;
  return cost;
}

double seconds_of(const SweepPlan& plan, const TrialCost& cost, int64_t remaining, int64_t jobs) {
  const Work work = work_of(plan);
  const double all = work.trials * cost.seconds + work.steps * cost.step_seconds;
  const int64_t rounds = (remaining + jobs - 1) / jobs;
  return all * static_cast<double>(rounds) / static_cast<double>(plan.trials.size());
}

}  // namespace proxseg
