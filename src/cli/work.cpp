#include "cli/work.h"

#include <fmt/format.h>
#include <spdlog/spdlog.h>

#include <algorithm>
#include <cstdio>
#include <memory>

#include "cli/log.h"
#include "cli/process.h"
#include "proxseg/core/device.h"
#include "proxseg/core/text.h"
#include "proxseg/train/parallel/launch.h"

namespace proxseg::cli {
namespace {

constexpr auto kTerminalPeriod = std::chrono::milliseconds(100);
constexpr auto kPlainPeriod = std::chrono::seconds(10);
constexpr size_t kBarWidth = 24;

// Whose line stands on the terminal, without its end, to be updated.
const Progress* line_owner = nullptr;

std::string bar(int64_t done, int64_t total) {
  const double share = std::clamp(static_cast<double>(done) / static_cast<double>(total), 0., 1.);
  const auto filled = static_cast<size_t>(share * static_cast<double>(kBarWidth));
  return fmt::format("[{:=>{}}{:{}}]", "", filled, "", kBarWidth - filled);
}

std::string describe_terms(const StepReport& report) {
  std::string text = fmt::format("loss {:.4g}", report.loss);
  for (const auto& [name, value] : report.terms) text += fmt::format(" {} {:.4g}", name, value);
  return text +
         fmt::format(" rank {:.1f} mask {:.1f}%", report.learned_rank, 100.0 * report.sparsity);
}

void print_start(const Trainer& trainer) {
  for (const Clip& clip : trainer.clips()) {
    note("{}: {} frames of {} x {}, {}\n", clip.info.name, clip.frames.size(0), clip.frames.size(3),
         clip.frames.size(2), clip.info.channels == 1 ? "grey" : "colour");
  }
  const TrainOptions& options = trainer.recipe().train;
  std::string steps = fmt::format("{} steps", trainer.total_steps());
  if (options.alternating_steps > 0) {
    steps += fmt::format(": train.steps = {} and then train.alternating_steps = {}", options.steps,
                         options.alternating_steps);
  }
  note("network of {} parameters, {}\n", trainer.model().network.parameter_count(), steps);
}

}  // namespace

Progress::Progress(std::string label, std::string unit)
    : label_(std::move(label)),
      unit_(std::move(unit)),
      terminal_(terminal_width() > 0),
      start_(Clock::now()),
      shown_(start_ - kPlainPeriod) {}

Progress::~Progress() {
  if (line_owner != this) return;
  fmt::print(stderr, "\n");
  line_owner = nullptr;
  set_line_open(false);
}

void Progress::update(int64_t done, int64_t total, const std::string& details) {
  if (!shows_progress()) return;
  if (first_ < 0) first_ = done - 1;
  const auto now = Clock::now();
  const bool last = total > 0 && done >= total;
  if (!last && now - shown_ < (terminal_ ? kTerminalPeriod : Clock::duration(kPlainPeriod))) return;
  shown_ = now;
  const double seconds = std::chrono::duration<double>(now - start_).count();
  const bool is_known = seconds > 0.001;  // not at the very first
  const double rate = is_known ? static_cast<double>(done - first_) / seconds : 0.0;
  const ProgressLine line = {label_, unit_, done, total, rate, details};
  if (terminal_) {
    // The width anew each time: the window may have been resized.
    if (line_owner != nullptr && line_owner != this) fmt::print(stderr, "\n");
    fmt::print(stderr, "\r\033[K{}", line.text(static_cast<size_t>(terminal_width())));
    line_owner = this;
    set_line_open(true);
  } else {
    fmt::print(stderr, "{}\n", line.text(0));
  }
  std::fflush(stderr);
}

std::string ProgressLine::text(size_t columns) const {
  const bool is_limited = columns > 0;
  size_t room = is_limited ? columns - 1 : std::string::npos;
  const std::string count = total > 0 ? fmt::format("{}/{}", done, total) : fmt::format("{}", done);
  const std::string speed = rate > 0.0 ? fmt::format("  {:.1f}/s", rate) : "";
  const std::string left =
      rate > 0.0 && done < total
          ? fmt::format("  {} left", format_duration(static_cast<double>(total - done) / rate))
          : "";
  constexpr size_t kLeastLabel = 8;
  const size_t least = std::min(columns_of(label), kLeastLabel) + 1;
  std::string numbers = count;
  for (const std::string& candidate :
       {count + " " + unit + speed + left, count + " " + unit + left, count + left}) {
    if (least + candidate.size() > room) continue;
    numbers = candidate;
    break;
  }
  const size_t for_label = room > numbers.size() + 1 ? room - numbers.size() - 1 : 0;
  std::string line = fit(label, for_label) + " ";
  if (is_limited) room -= std::min(room, columns_of(line) + numbers.size());
  const std::string more = details.empty() ? "" : "  " + details;
  if (total > 0 && room >= kBarWidth + 3 + columns_of(more)) line += bar(done, total) + " ";
  line += numbers + more;
  if (is_limited) line = fit(line, columns - 1);
  return line.substr(0, line.find_last_not_of(' ') + 1);
}

WorkCallbacks work_callbacks() {
  struct Shown {
    std::string what;
    std::unique_ptr<Progress> progress;
  };
  const auto shown = std::make_shared<Shown>();
  WorkCallbacks callbacks;
  callbacks.on_recipe = start_libraries;
  callbacks.on_stage = [shown](const std::string& heading) {
    shown->progress.reset();
    note("{}\n", heading);
  };
  callbacks.training = training_callbacks();
  callbacks.on_progress = [shown](const std::string& what, const char* unit, int64_t done,
                                  int64_t total) {
    if (!shown->progress || shown->what != what) {
      shown->progress = std::make_unique<Progress>(what, unit);
      shown->what = what;
    }
    shown->progress->update(done, total);
  };
  callbacks.should_stop = interrupt_requested;
  return callbacks;
}

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
      note("{} processes\n", size);
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

}  // namespace proxseg::cli
