#include "cli/training.h"

#include <fmt/format.h>
#include <spdlog/spdlog.h>

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
  const TrainOptions& options = trainer.recipe().train;
  std::string steps = fmt::format("{} steps", trainer.total_steps());
  if (options.alternating_steps > 0) {
    steps += fmt::format(": train.steps = {} and then train.alternating_steps = {}", options.steps,
                         options.alternating_steps);
  }
  fmt::print(stderr, "network of {} parameters, {}\n", trainer.model().network.parameter_count(),
             steps);
}

}  // namespace

ProcessGroup join_processes(const Recipe& recipe) {
  const Launch launch = launch_of_this_process();
  if (launch.size == 1) return {};
  if (launch.rank > 0) spdlog::set_level(spdlog::level::err);
  const bool own_gpu = recipe.device == "cuda";
  return {launch,
          parse_device(own_gpu ? fmt::format("cuda:{}", launch.local_rank) : recipe.device)};
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
  } else if (!summary.interrupted()) {
    fmt::print("{}", summary.full_report());
  }
}

void stop_if_interrupted(const TrainSummary& summary) {
  if (!summary.interrupted()) return;
  if (summary.steps == 0) {
    throw Error(ExitCode::kInterrupted, summary.message + "; nothing was changed");
  }
  throw Error(
      ExitCode::kInterrupted,
      fmt::format("stopped after step {}; everything is saved", summary.steps),
      fmt::format("Go on with: proxseg train --resume {}", shell_path(summary.run.string())));
}

}  // namespace proxseg::cli
