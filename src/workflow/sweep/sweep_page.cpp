#include "proxseg/workflow/sweep/sweep_page.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <nlohmann/json.hpp>

#include "proxseg/core/file.h"
#include "proxseg/core/text.h"
#include "proxseg/workflow/sweep/importance.h"
#include "proxseg/workflow/sweep/results_json.h"
#include "proxseg/workflow/sweep/results_text.h"
#include "proxseg/workflow/sweep/trial.h"
#include "workflow/report/html.h"

namespace proxseg {
namespace fs = std::filesystem;
using nlohmann::ordered_json;
namespace {

// All but those that failed or wait.
std::vector<const Trial*> best_first(const SweepResults& results) {
  std::vector<const Trial*> trials = results.ranked;
  for (const Trial& trial : results.trials) {
    const bool is_elsewhere =
        trial.state == TrialState::kFailed || trial.state == TrialState::kWaiting;
    if (!value_of(trial, results.metric) && !is_elsewhere) trials.push_back(&trial);
  }
  return trials;
}

// Whether trials differ in the field.
bool has_two_values(const std::vector<Trial>& trials, const std::string& field) {
  const auto value_in = [&](const Trial& trial) { return cells_of(trial, {field}).front(); };
  return std::ranges::any_of(
      trials, [&](const Trial& trial) { return value_in(trial) != value_in(trials.front()); });
}

// The one that ranks the trials, and the others that any of them has.
std::vector<Metric> metrics_of(const SweepResults& results) {
  std::vector<Metric> metrics;
  for (const Metric metric : {Metric::kFMeasure, Metric::kScore, Metric::kLoss}) {
    const auto has_value = [&](const Trial& trial) { return value_of(trial, metric).has_value(); };
    if (metric == results.metric || std::ranges::any_of(results.trials, has_value)) {
      metrics.push_back(metric);
    }
  }
  return metrics;
}

// "24 trials, 23 done, 1 failed; by F-measure ..."
std::string note_of(const SweepResults& results) {
  std::string note = counted(std::ssize(results.trials), "trial");
  for (const auto state : {TrialState::kDone, TrialState::kRunning, TrialState::kWaiting,
                           TrialState::kPruned, TrialState::kFailed}) {
    const auto count = std::ranges::count(results.trials, state, &Trial::state);
    if (count > 0) note += fmt::format(", {} {}", count, to_string(state));
  }
  return note + "; by " + metric_text(results.metric);
}

ResultTable::Row row_of(const Trial& trial, const std::vector<std::string>& columns,
                        const fs::path& folder, const fs::path& page) {
  return {trial.id, link_to_run(trial_folder(folder, trial.id) / "run", page),
          cells_of(trial, columns), trial.configuration};
}

void add_trials(ResultTable& table, const SweepResults& results, bool halves,
                const fs::path& folder, const fs::path& page) {
  std::vector<std::string> columns;
  for (const Metric metric : metrics_of(results)) columns.push_back(to_string(metric));
  columns.insert(columns.end(), {"seconds", "state"});
  if (halves) columns.emplace_back("steps");
  columns.emplace_back("sequence");
  const auto fields = searched_fields(results.trials);
  columns.insert(columns.end(), fields.begin(), fields.end());
  for (const Trial* trial : best_first(results)) {
    table.rows.push_back(row_of(*trial, columns, folder, page));
  }
  table.columns = std::move(columns);
  table.row = "trial";
}

// Each leads to its log.
ResultTable::Part trials_without_result(const SweepResults& results, TrialState state,
                                        const fs::path& folder, const fs::path& page) {
  ResultTable::Part part{.title = state == TrialState::kFailed ? "Failed trials" : "Pruned trials",
                         .row = "trial"};
  std::vector<std::string> columns = {"error", "exit_code", "attempts", "sequence"};
  const auto fields = searched_fields(results.trials);
  columns.insert(columns.end(), fields.begin(), fields.end());
  for (const Trial& trial : results.trials) {
    if (trial.state != state) continue;
    const fs::path log = trial_folder(folder, trial.id) / "log.txt";
    const std::string link = is_there(log) ? relative_link(log, page) : "";
    part.rows.push_back({trial.id, link, cells_of(trial, columns), trial.configuration});
  }
  columns[0] = "reason";
  columns[1] = "exit code";
  part.columns = std::move(columns);
  return part;
}

// Each leads to its trials.
ResultTable::Part configurations_of(const SweepResults& results, bool halves) {
  ResultTable::Part part{.title = "Configurations", .row = "configuration"};
  const auto or_none = [](const std::optional<double>& value) {
    return value ? ordered_json(*value) : ordered_json(nullptr);
  };
  auto fields = searched_fields(results.trials);
  std::erase(fields, "seed");
  part.columns = {"mean " + to_string(results.metric), "± seeds", "± sequences", "trials"};
  if (halves) part.columns.emplace_back("rung");
  part.columns.insert(part.columns.end(), fields.begin(), fields.end());
  for (const Configuration& configuration : results.configurations) {
    part.rows.push_back({configuration.id, "#group-" + configuration.id, {}});
    auto& row = part.rows.back().cells;
    row = {configuration.mean, or_none(configuration.spread),
           or_none(configuration.sequence_spread), configuration.trials};
    if (configuration.trials < configuration.planned) {
      row.back() = fmt::format("{} of {}", configuration.trials, configuration.planned);
    }
    if (halves) row.emplace_back(configuration.rung);
    for (auto& cell : cells_of(configuration.settings, fields)) row.push_back(std::move(cell));
  }
  return part;
}

ResultTable::Part effects_of(const SweepResults& results) {
  ResultTable::Part part{.title = "What each field did"};
  part.columns = {"field", "value", "mean " + to_string(results.metric), "configurations", "range"};
  for (const Effect& effect : results.effects) {
    for (const Effect::Level& level : effect.levels) {
      const Settings setting = {{effect.field, level.value}};
      part.rows.push_back({.cells = {effect.field, cells_of(setting, {effect.field}).front(),
                                     level.mean, level.configurations, effect.range}});
    }
  }
  return part;
}

// The commands are those of best_text(), but the one that makes this page.
ResultTable::Best best_of(const SweepResults& results, const fs::path& folder,
                          const std::optional<Halving>& halving, const fs::path& page) {
  const Configuration& configuration = results.configurations.front();
  const std::vector<const Trial*> trials = best_trials(results);
  const std::string whole = best_text(results, folder, halving);
  ResultTable::Best best{.text = whole.substr(0, whole.find('\n')),
                         .settings = describe_settings(configuration.settings)};
  best.trials.columns = {"sequence", to_string(results.metric)};
  for (const Trial* trial : trials) {
    best.trials.rows.push_back(row_of(*trial, best.trials.columns, folder, page));
    best.trials.rows.back().group.clear();  // a configuration leads to the table of all trials
  }
  best.commands = commands_for_best(results, folder, halving);
  best.warnings = warnings_of(trials);
  best.commands.emplace_back(
      "As a recipe for other videos",
      fmt::format("proxseg sweep best {} --config-out best.json", shell_path(folder.string())));
  return best;
}

}  // namespace

ResultTable table_of_sweep(const fs::path& folder, const fs::path& page) {
  const Ledger ledger(folder);
  const SweepResults results = results_of(ledger.trials());
  const auto halving = ledger.halving();
  ResultTable table;
  table.title = fs::weakly_canonical(folder).filename().string();
  table.note = note_of(results);
  if (!results.ranked.empty()) table.best = best_of(results, folder, halving, page);
  add_trials(table, results, halving.has_value(), folder, page);
  table.up = to_string(results.metric);
  const auto fields = searched_fields(results.trials);
  table.across = fields;
  std::erase(table.across, "seed");
  table.across.emplace_back("seconds");
  table.colour = "sequence";
  table.log_columns = ledger.log_fields();
  std::ranges::copy_if(fields, std::back_inserter(table.axes), [&](const std::string& field) {
    return has_two_values(results.trials, field);
  });
  if (table.axes.empty()) table.axes = fields;
  if (!fields.empty()) table.axes.push_back(table.up);
  for (const auto state : {TrialState::kFailed, TrialState::kPruned}) {
    auto ended = trials_without_result(results, state, folder, page);
    if (!ended.rows.empty()) table.parts.push_back(std::move(ended));
  }
  if (!results.configurations.empty()) {
    table.above.push_back(configurations_of(results, halving.has_value()));
  }
  if (!results.effects.empty()) table.parts.push_back(effects_of(results));
  table.missing_shares = missing_importances(results);
  for (const Importance& one : importances_of(results)) {
    table.shares.emplace_back(fmt::format("{}", fmt::join(one.fields, " with ")), one.share);
  }
  return table;
}

}  // namespace proxseg
