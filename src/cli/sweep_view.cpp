#include "cli/sweep_view.h"

#include <fmt/format.h>

#include <algorithm>
#include <cstdio>
#include <sstream>

#include "cli/log.h"
#include "cli/process.h"
#include "proxseg/core/lines.h"
#include "proxseg/core/text.h"
#include "proxseg/recipe/fields.h"
#include "proxseg/workflow/sweep/progress.h"
#include "proxseg/workflow/sweep/results_text.h"

namespace proxseg::cli {
namespace {

std::string name_of(const Trial& trial, bool in_short = false) {
  std::string text = fmt::format("{} {} {}", trial.id, trial.sequence.name,
                                 describe_settings(trial.settings, in_short));
  if (trial.rung > 0) text += fmt::format(" to step {}", trial.steps);
  return text;
}

// Empty where it has none yet.
std::string measured(const Trial& trial, Metric metric) {
  const auto value = value_of(trial, metric);
  if (!value) return "";
  return fmt::format("{} {:.4g} after {:.0f} s", to_string(metric), *value, trial.result->seconds);
}

// What has come of it so far; may be empty.
std::string outcome_of(const Trial& trial, Metric metric) {
  const bool gave_up = trial.state == TrialState::kFailed || trial.state == TrialState::kPruned;
  if (gave_up) return trial.error.substr(0, trial.error.find('\n'));
  if (trial.state == TrialState::kRunning) return trial.progress;
  return measured(trial, metric);
}

std::string describe(const Trial& trial, Metric metric) {
  const std::string outcome = outcome_of(trial, metric);
  return outcome.empty() ? name_of(trial) : name_of(trial) + ": " + outcome;
}

// A row of the table: the settings come last, where a narrow terminal cuts them.
std::string row(const Trial& trial, Metric metric) {
  constexpr size_t kLongest = 40;  // so that a message of failure leaves room for the trial's name
  const std::string outcome = shorten(outcome_of(trial, metric), kLongest);
  const std::string pad(24 - std::min<size_t>(24, columns_of(outcome)), ' ');
  return fmt::format("  {:<8} {}{}  {}", to_string(trial.state), outcome, pad,
                     name_of(trial, /*in_short=*/true));
}

// The best configuration and, in rows of their own, its settings. None while no trial has a value.
std::vector<std::string> best_rows(const std::vector<Trial>& trials, size_t columns) {
  const SweepResults results = results_of(trials);
  if (results.configurations.empty()) return {};
  const Configuration& best = results.configurations.front();
  std::vector<std::string> rows = {
      fmt::format("  {:<8} {}", "best", outcome_of(best, results.metric))};
  constexpr size_t kMargin = 11;
  std::istringstream settings(
      break_line(describe_settings(best.settings, /*in_short=*/true),
                 {.columns = columns, .start = kMargin, .indent = kMargin}));
  std::string line, margin(kMargin, ' ');
  while (std::getline(settings, line)) {
    rows.push_back(margin + line);
    margin.clear();
  }
  return rows;
}

std::string plan_table(const std::vector<Trial>& trials, size_t columns) {
  const std::vector<std::string> fields = searched_fields(trials);
  TableFit table_fit = {columns, {}, "a wider terminal or a pipe shows all"};
  std::vector<Cells> table = {{"id", "sequence"}};
  for (const std::string& field : fields) {
    table[0].push_back(short_key(field));
    table_fit.spare.insert(table_fit.spare.begin(), short_key(field));
  }
  table[0].emplace_back("");
  for (const Trial& trial : trials) {
    Cells& cells = table.emplace_back(Cells{trial.id, trial.sequence.name});
    for (const std::string& field : fields) {
      const auto given = std::ranges::find(trial.settings, field, &Settings::value_type::first);
      cells.push_back(given == trial.settings.end() ? "" : given->second);
    }
    cells.emplace_back(trial.state == TrialState::kDone ? "(done)" : "");
  }
  return text_table(table, table[0].size(), table_fit);
}

}  // namespace

SweepView::SweepView(const Ledger& ledger)
    : ledger_(ledger), terminal_(terminal_width() > 0 && shows_progress()) {}

void SweepView::show(const std::vector<Trial>& trials) {
  if (is_quiet()) return;
  if (terminal_) {
    renew_table(trials);
  } else {
    print_changes(trials);
  }
  std::fflush(stderr);
}

std::string SweepView::headline(const std::vector<Trial>& trials) const {
  const SweepProgress progress = progress_of(trials, ledger_.halving(), ledger_.most_trials());
  const char* const what = progress.rungs > 0 ? "training" : "trial";
  std::string text = fmt::format("{} of {} done", progress.done, counted(progress.all, what));
  if (progress.rungs > 0) text += fmt::format(", rung {} of {}", progress.rung, progress.rungs);
  text += fmt::format(", {} running", progress.running);
  if (progress.failed > 0) text += fmt::format(", {} failed", progress.failed);
  if (progress.pruned > 0) text += fmt::format(", {} pruned", progress.pruned);
  return text + time_left(progress);
}

// As many trainings at a time as run or as the sweep last ran.
std::string SweepView::time_left(const SweepProgress& progress) const {
  const auto budget = ledger_.budget_left();
  if (progress.left() == 0) return "";
  if (budget && *budget <= 0.0) return ", the budget is spent";
  if (!progress.seconds_left) return "";
  const auto jobs = static_cast<double>(std::max(ledger_.jobs(), progress.running));
  const double left = *progress.seconds_left / jobs;
  return fmt::format(", about {} {}", format_duration(std::min(left, budget.value_or(left))),
                     progress.running > 0 ? "left" : "to go");
}

void SweepView::print_changes(const std::vector<Trial>& trials) {
  const bool first = states_.empty();
  if (first) note("sweep: {}\n", headline(trials));
  const Metric metric = metric_of(trials);
  for (const Trial& trial : trials) {
    const auto [known, is_new] = states_.emplace(trial.id, trial.state);
    const bool changed = !is_new && known->second != trial.state;
    if ((changed && trial.state != TrialState::kWaiting) ||
        (first && trial.state == TrialState::kRunning)) {
      note("{:<7} {}\n", to_string(trial.state), describe(trial, metric));
    }
    known->second = trial.state;
  }
}

void SweepView::renew_table(const std::vector<Trial>& trials) {
  constexpr size_t kFailuresShown = 5;
  const Metric metric = metric_of(trials);
  std::vector<std::string> lines = {"sweep: " + headline(trials)};
  size_t failures = 0;
  for (const Trial& trial : trials) {
    const bool failed = trial.state == TrialState::kFailed && failures++ < kFailuresShown;
    if (!failed && trial.state != TrialState::kRunning) continue;
    lines.push_back(row(trial, metric));
  }
  const int width = terminal_width();
  const std::vector<std::string> best = best_rows(trials, static_cast<size_t>(width - 1));
  lines.insert(lines.begin() + 1, best.begin(), best.end());
  // A table that is taller than the terminal could not be updated in place.
  const auto most = static_cast<size_t>(std::max(2, terminal_height() - 1));
  if (lines.size() > most) {
    const size_t hidden = lines.size() - most + 1;
    lines.resize(most - 1);
    lines.push_back(fmt::format("  and {} more", hidden));
  }
  std::string text = lines_ > 0 ? fmt::format("\033[{}A", lines_) : "";
  for (const std::string& line : lines) {
    text += "\033[K" + shorten(line, static_cast<size_t>(width - 1)) + "\n";
  }
  fmt::print(stderr, "{}\033[J", text);
  lines_ = static_cast<int>(lines.size());
}

std::string plan_text(const std::vector<Trial>& trials) {
  const size_t columns = line_width(stdout);
  std::string lines;
  bool fits = true;
  for (const Trial& trial : trials) {
    const std::string line = fmt::format("{}  {}  {}{}", trial.id, trial.sequence.name,
                                         describe_settings(trial.settings),
                                         trial.state == TrialState::kDone ? "  (done)" : "");
    fits = fits && (columns == 0 || columns_of(line) <= columns);
    lines += line + "\n";
  }
  return fits ? lines : plan_table(trials, columns);
}

}  // namespace proxseg::cli
