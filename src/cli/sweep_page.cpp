#include "sweep_page.h"

#include <algorithm>
#include <system_error>

#include "proxseg/sweep/results.h"
#include "proxseg/sweep/run_trial.h"

namespace proxseg::cli {
namespace fs = std::filesystem;
using nlohmann::ordered_json;
namespace {

ordered_json cell_of(const std::optional<double>& value) {
  return value ? ordered_json(*value) : ordered_json(nullptr);
}

// A number where the text is one.
ordered_json cell_of(const std::string& text) {
  const auto number = ordered_json::parse(text, nullptr, /*allow_exceptions=*/false);
  return number.is_number() ? number : ordered_json(text);
}

// The searched fields, in the order in which they are met.
std::vector<std::string> searched_fields(const std::vector<Trial>& trials) {
  std::vector<std::string> fields;
  for (const Trial& trial : trials) {
    for (const auto& [field, value] : trial.settings) {
      if (std::ranges::find(fields, field) == fields.end()) fields.push_back(field);
    }
  }
  return fields;
}

std::vector<const Trial*> best_first(const SweepResults& results) {
  std::vector<const Trial*> trials = results.ranked;
  for (const Trial& trial : results.trials) {
    if (!value_of(trial, results.metric)) trials.push_back(&trial);
  }
  return trials;
}

ResultTable::Row row_of(const Trial& trial, const std::vector<std::string>& fields) {
  ResultTable::Row row;
  row.name = trial.id;
  for (const Metric metric : {Metric::kFMeasure, Metric::kScore, Metric::kLoss}) {
    row.cells.push_back(cell_of(value_of(trial, metric)));
  }
  row.cells.push_back(trial.result ? ordered_json(trial.result->seconds) : nullptr);
  row.cells.insert(row.cells.end(), {to_string(trial.state), trial.sequence.name});
  for (const std::string& field : fields) {
    const auto given =
        std::ranges::find(trial.settings, field, [](const auto& setting) { return setting.first; });
    row.cells.push_back(given == trial.settings.end() ? nullptr : cell_of(given->second));
  }
  return row;
}

}  // namespace

bool is_sweep(const fs::path& folder) {
  std::error_code ignored;
  return fs::exists(folder / "ledger.sqlite", ignored);
}

ResultTable table_of_sweep(const fs::path& folder, const fs::path& page) {
  const SweepResults results = results_of(Ledger(folder).trials());
  const std::vector<std::string> fields = searched_fields(results.trials);
  ResultTable table;
  table.title = fs::weakly_canonical(folder).filename().string();
  table.columns = {"F", "score", "loss", "seconds", "state", "sequence"};
  table.columns.insert(table.columns.end(), fields.begin(), fields.end());
  for (const Trial* trial : best_first(results)) {
    table.rows.push_back(row_of(*trial, fields));
    table.rows.back().link = link_to_run(trial_folder(folder, trial->id) / "run", page);
  }
  table.up = to_string(results.metric);
  const auto shown =
      std::ranges::find_if(fields, [](const auto& field) { return field != "seed"; });
  table.across = shown == fields.end() ? "seconds" : *shown;
  return table;
}

}  // namespace proxseg::cli
