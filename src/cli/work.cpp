#include "cli/work.h"

#include <fmt/format.h>
#include <spdlog/spdlog.h>

#include <algorithm>
#include <cstdio>
#include <memory>

#include "cli/log.h"
#include "cli/process.h"
#include "proxseg/core/device.h"
#include "proxseg/core/lines.h"
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

size_t room_of_row(size_t columns) {
  constexpr size_t kFree = 3;
  return columns - std::min(columns, kFree);
}

// The text in one row of a terminal; whole without columns.
std::string one_row(const std::string& text, size_t columns) {
  return columns > 0 ? fit(text, room_of_row(columns)) : text;
}

// Loss, mask and rank, and then what the loss is made of.
std::vector<std::string> describe_terms(const StepReport& report) {
  std::vector<std::string> terms = {fmt::format("loss {:.4g}", report.loss),
                                    fmt::format("mask {:.1f}%", 100.0 * report.sparsity),
                                    fmt::format("rank {:.1f}", report.learned_rank)};
  for (const auto& [name, value] : report.terms) {
    terms.push_back(fmt::format("{} {:.4g}", name, value));
  }
  return terms;
}

void print_start(const Trainer& trainer) {
  for (const Clip& clip : trainer.clips()) {
    const auto& levels = clip.info.levels;
    note(
        "{}: {} frames of {} x {}, {}{}\n", clip.info.name, clip.frames.size(0),
        clip.frames.size(3), clip.frames.size(2), clip.info.channels == 1 ? "grey" : "colour",
        levels ? fmt::format(", black and white at {:g} and {:g}", levels->low, levels->high) : "");
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
  if (is_line_open()) fmt::print(stderr, "\n");
  line_owner = nullptr;
  set_line_open(false);
}

void Progress::update(int64_t done, int64_t total, const std::vector<std::string>& details) {
  if (!shows_progress()) return;
  const auto now = Clock::now();
  if (first_ < 0) {
    first_ = done;
    start_ = now;
  }
  const bool last = total > 0 && done >= total;
  if (!last && now - shown_ < (terminal_ ? kTerminalPeriod : Clock::duration(kPlainPeriod))) return;
  shown_ = now;
  const double seconds = std::chrono::duration<double>(now - start_).count();
  const bool is_known = seconds > 0.001;  // not at the very first
  const double rate = is_known ? static_cast<double>(done - first_) / seconds : 0.0;
  const ProgressLine line = {label_, unit_, done, total, rate, details};
  // The width anew each time: the window may have been resized.
  show(line.text(line_width(stderr)));
}

void Progress::learn_background(const std::string& sequence) {
  first_ = -1;
  if (shows_progress()) show(one_row(sequence + ": learning the background", line_width(stderr)));
}

void Progress::show(const std::string& line) {
  if (terminal_) {
    const bool is_taken = line_owner != nullptr && line_owner != this && is_line_open();
    if (is_taken) fmt::print(stderr, "\n");
    fmt::print(stderr, "\r\033[K{}", line);
    line_owner = this;
    set_line_open(true);
  } else {
    fmt::print(stderr, "{}\n", printable(line));
  }
  std::fflush(stderr);
}

void Progress::clear() {
  if (line_owner != this) return;
  fmt::print(stderr, "\r\033[K");
  line_owner = nullptr;
  set_line_open(false);
}

std::string ProgressLine::text(size_t columns) const {
  const bool is_limited = columns > 0;
  size_t room = is_limited ? room_of_row(columns) : std::string::npos;
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
  std::string more;
  for (const std::string& detail : details) {
    const std::string longer = more + (more.empty() ? "  " : " ") + detail;
    if (columns_of(longer) > room) break;
    more = longer;
  }
  if (total > 0 && room >= kBarWidth + 3 + columns_of(more)) line += bar(done, total) + " ";
  line += numbers + more;
  return is_limited ? one_row(line, columns) : line;
}

WorkCallbacks work_callbacks() {
  struct Shown {
    std::string what;
    std::unique_ptr<Progress> progress;
  };
  const auto shown = std::make_shared<Shown>();
  const auto progress_of = [shown](const std::string& what, const char* unit) -> Progress& {
    if (!shown->progress || shown->what != what) {
      shown->progress = std::make_unique<Progress>(what, unit);
      shown->what = what;
    }
    return *shown->progress;
  };
  WorkCallbacks callbacks;
  callbacks.on_recipe = start_libraries;
  callbacks.on_stage = [shown](const std::string& heading) {
    shown->progress.reset();
    note("{}\n", heading);
  };
  callbacks.training = training_callbacks();
  callbacks.on_progress = [progress_of](const std::string& what, const char* unit, int64_t done,
                                        int64_t total) {
    progress_of(what, unit).update(done, total);
  };
  callbacks.on_learning = [progress_of](const std::string& what) {
    progress_of(what, "frames").learn_background(what);
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
  callbacks.earlier_warnings = logged_warnings;
  callbacks.on_read = [progress, is_first = is_first_process(), shown = std::string()](
                          const std::string& sequence, int64_t read, int64_t total) mutable {
    if (!is_first) return;
    if (!*progress || shown != sequence) {
      if (*progress) (*progress)->clear();
      *progress = std::make_unique<Progress>("read " + sequence, "frames");
      shown = sequence;
    }
    if (read == total) {
      (*progress)->learn_background(sequence);
    } else {
      (*progress)->update(read, total);
    }
  };
  callbacks.on_start = [progress](const Trainer& trainer) {
    if (*progress) (*progress)->clear();
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
    say("{}", summary.full_report());
  }
}

}  // namespace proxseg::cli
