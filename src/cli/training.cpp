#include "cli/training.h"

#include <fmt/format.h>
#include <spdlog/spdlog.h>

#include <algorithm>
#include <memory>

#include "cli/interrupt.h"
#include "cli/progress.h"
#include "proxseg/core/device.h"
#include "proxseg/core/error.h"
#include "proxseg/core/text.h"
#include "proxseg/train/parallel/launch.h"

namespace proxseg::cli {
namespace {

std::string describe_terms(const StepReport& report) {
  std::string text = fmt::format("loss {:.4g}", report.loss);
  for (const auto& [name, value] : report.terms) text += fmt::format(" {} {:.4g}", name, value);
  return text +
         fmt::format(" rank {:.1f} mask {:.1f}%", report.learned_rank, 100.0 * report.sparsity);
}

void print_start(const Trainer& trainer) {
  for (const Clip& clip : trainer.clips()) {
    fmt::print(stderr, "{}: {} frames of {} x {}, {}\n", clip.info.name, clip.frames.size(0),
               clip.frames.size(3), clip.frames.size(2),
               clip.info.channels == 1 ? "grey" : "colour");
  }
  fmt::print(stderr, "network of {} parameters, {} steps\n",
             trainer.model().network.parameter_count(), trainer.total_steps());
}

// "1:23, forward 40%, backward 51%": the phases that took a hundredth or more.
std::string describe_phases(const PhaseSeconds& phases) {
  const double total = phases.sum();
  std::string text;
  for (const auto& [name, member] : kPhases) {
    const double share = phases.*member / std::max(total, 1e-9);
    if (share >= 0.01) text += fmt::format(", {} {:.0f}%", name, 100.0 * share);
  }
  return format_duration(total) + text;
}

}  // namespace

ProcessGroup join_processes(Recipe& recipe) {
  const Launch launch = launch_of_this_process();
  if (launch.size == 1) return {};
  if (recipe.device == "cuda") recipe.device = fmt::format("cuda:{}", launch.local_rank);
  if (launch.rank > 0) spdlog::set_level(spdlog::level::err);
  return {launch, parse_device(recipe.device)};
}

bool is_first_process() { return launch_of_this_process().rank == 0; }

TrainCallbacks training_callbacks() {
  auto progress = std::make_shared<std::unique_ptr<Progress>>();
  TrainCallbacks callbacks;
  callbacks.on_start = [progress](const Trainer& trainer) {
    print_start(trainer);
    if (const int64_t size = trainer.processes().size(); size > 1) {
      fmt::print(stderr, "{} processes\n", size);
    }
    *progress = std::make_unique<Progress>("train", "steps");
  };
  callbacks.on_step = [progress](const StepReport& report, int64_t total) {
    (*progress)->update(report.step + 1, total, describe_terms(report));
  };
  callbacks.should_stop = interrupt_requested;
  return callbacks;
}

void print_training(const TrainSummary& summary, bool as_json) {
  if (!is_first_process()) return;
  if (as_json) {
    fmt::print("{}", summary.to_json());
    return;
  }
  if (summary.interrupted) return;
  fmt::print("model:      {}\n", summary.model.string());
  fmt::print("training:   {} steps, {} in steps, loss {:.5g}\n", summary.steps,
             format_duration(summary.seconds), summary.last.loss);
  fmt::print("time:       {}\n", describe_phases(summary.phases));
  fmt::print("score:      {:.3f} without labels (stability {:.3f}, contours {:.3f})\n",
             summary.score.value, summary.score.stability, summary.score.contours);
  if (const auto& gap = summary.rpca_gap) {
    fmt::print("objective:  {:.5g}, robust PCA optimum of the same frames {:.5g}, gap {:.1f}%\n",
               gap->objective, gap->optimum, 100.0 * gap->relative());
  }
  if (!summary.skipped_frames.empty()) {
    fmt::print("skipped:    {} unreadable frames\n", summary.skipped_frames.size());
  }
}

void stop_if_interrupted(const TrainSummary& summary) {
  if (!summary.interrupted) return;
  throw Error(
      ExitCode::kInterrupted,
      fmt::format("stopped after step {}; everything is saved", summary.steps),
      fmt::format("Go on with: proxseg train --resume {}", shell_path(summary.run.string())));
}

}  // namespace proxseg::cli
