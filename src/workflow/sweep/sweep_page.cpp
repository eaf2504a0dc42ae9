#include "workflow/sweep/sweep_page.h"

#include <fmt/format.h>

#include <algorithm>
#include <nlohmann/json.hpp>
#include <system_error>

#include "proxseg/core/text.h"
#include "proxseg/workflow/sweep/report.h"
#include "proxseg/workflow/sweep/results.h"
#include "proxseg/workflow/sweep/trial.h"

namespace proxseg {
namespace fs = std::filesystem;
using nlohmann::ordered_json;
namespace {

using Settings = std::vector<std::pair<std::string, std::string>>;

ordered_json cell_of(const std::optional<double>& value) {
  return value ? ordered_json(*value) : ordered_json(nullptr);
}

// A number where the text is one.
ordered_json cell_of(const std::string& text) {
  const auto number = ordered_json::parse(text, nullptr, /*allow_exceptions=*/false);
  return number.is_number() ? number : ordered_json(text);
}

ordered_json setting_cell(const Settings& settings, const std::string& field) {
  const auto given =
      std::ranges::find(settings, field, [](const auto& entry) { return entry.first; });
  return given == settings.end() ? ordered_json(nullptr) : cell_of(given->second);
}

std::vector<const Trial*> best_first(const SweepResults& results) {
  std::vector<const Trial*> trials = results.ranked;
  for (const Trial& trial : results.trials) {
    if (!value_of(trial, results.metric)) trials.push_back(&trial);
  }
  return trials;
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

bool any_failed(const SweepResults& results) {
  return std::ranges::find(results.trials, TrialState::kFailed, &Trial::state) !=
         results.trials.end();
}

// "24 trials, 23 done, 1 failed; by F-measure ..."
std::string note_of(const SweepResults& results) {
  std::string note = fmt::format("{} trials", results.trials.size());
  for (const auto state :
       {TrialState::kDone, TrialState::kRunning, TrialState::kWaiting, TrialState::kFailed}) {
    const auto count = std::ranges::count(results.trials, state, &Trial::state);
    if (count > 0) note += fmt::format(", {} {}", count, to_string(state));
  }
  return note + "; by " + metric_text(results.metric);
}

void add_trials(ResultTable& table, const SweepResults& results, bool halves,
                const fs::path& folder, const fs::path& page) {
  const auto metrics = metrics_of(results);
  const auto fields = searched_fields(results.trials);
  const bool has_reasons = any_failed(results);
  for (const Metric metric : metrics) table.columns.push_back(to_string(metric));
  table.columns.insert(table.columns.end(), {"seconds", "state"});
  if (has_reasons) table.columns.emplace_back("reason");
  if (halves) table.columns.emplace_back("steps");
  table.columns.emplace_back("sequence");
  table.columns.insert(table.columns.end(), fields.begin(), fields.end());
  for (const Trial* trial : best_first(results)) {
    ResultTable::Row row;
    row.name = trial->id;
    row.link = link_to_run(trial_folder(folder, trial->id) / "run", page);
    auto& cells = row.cells;
    for (const Metric metric : metrics) cells.push_back(cell_of(value_of(*trial, metric)));
    cells.push_back(trial->result ? ordered_json(trial->result->seconds) : nullptr);
    cells.emplace_back(to_string(trial->state));
    if (has_reasons) {
      const bool failed = trial->state == TrialState::kFailed;
      cells.push_back(failed ? ordered_json(trial->error) : nullptr);
    }
    if (halves) cells.emplace_back(trial->steps);
    cells.emplace_back(trial->sequence.name);
    for (const std::string& field : fields) cells.push_back(setting_cell(trial->settings, field));
    table.rows.push_back(std::move(row));
  }
}

ResultTable::Part configurations_of(const SweepResults& results, bool halves) {
  ResultTable::Part part{.title = "Configurations"};
  auto fields = searched_fields(results.trials);
  std::erase(fields, "seed");
  part.columns = {"mean " + to_string(results.metric), "spread", "trials"};
  if (halves) part.columns.emplace_back("rung");
  part.columns.insert(part.columns.end(), fields.begin(), fields.end());
  for (const Configuration& configuration : results.configurations) {
    auto& row = part.rows.emplace_back();
    row = {configuration.mean, cell_of(configuration.spread), configuration.trials};
    if (configuration.trials < configuration.planned) {
      row.back() = fmt::format("{} of {}", configuration.trials, configuration.planned);
    }
    if (halves) row.emplace_back(configuration.rung);
    for (const std::string& field : fields)
      row.push_back(setting_cell(configuration.settings, field));
  }
  return part;
}

ResultTable::Part effects_of(const SweepResults& results) {
  ResultTable::Part part{.title = "What each field did"};
  part.columns = {"field", "value", "mean " + to_string(results.metric), "trials", "range"};
  for (const Effect& effect : results.effects) {
    for (const Effect::Level& level : effect.levels) {
      part.rows.push_back(
          {effect.field, cell_of(level.value), level.mean, level.trials, effect.range});
    }
  }
  return part;
}

}  // namespace

bool is_sweep(const fs::path& folder) {
  std::error_code ignored;
  return fs::exists(folder / "ledger.sqlite", ignored);
}

ResultTable table_of_sweep(const fs::path& folder, const fs::path& page) {
  const Ledger ledger(folder);
  const SweepResults results = results_of(ledger.trials());
  const auto halving = ledger.halving();
  ResultTable table;
  table.title = fs::weakly_canonical(folder).filename().string();
  table.note = note_of(results);
  if (!results.ranked.empty()) table.best = best_text(results, folder, halving);
  add_trials(table, results, halving.has_value(), folder, page);
  if (std::ranges::any_of(table.rows, [](const auto& row) { return row.link.empty(); })) {
    table.note += fmt::format("; the page of one trial: proxseg report {}",
                              shell_path((trial_folder(folder, "ID") / "run").string()));
  }
  table.up = to_string(results.metric);
  const auto fields = searched_fields(results.trials);
  const auto shown =
      std::ranges::find_if(fields, [](const auto& field) { return field != "seed"; });
  table.across = shown == fields.end() ? "seconds" : *shown;
  if (!results.configurations.empty()) {
    table.parts.push_back(configurations_of(results, halving.has_value()));
  }
  if (!results.effects.empty()) table.parts.push_back(effects_of(results));
  return table;
}

}  // namespace proxseg
