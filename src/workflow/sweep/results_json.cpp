#include "proxseg/workflow/sweep/results_json.h"

#include <fmt/format.h>

#include <nlohmann/json.hpp>

#include "proxseg/core/text.h"
#include "proxseg/workflow/sweep/importance.h"
#include "proxseg/workflow/sweep/results_text.h"
#include "proxseg/workflow/sweep/trial.h"

namespace proxseg {
namespace fs = std::filesystem;
using nlohmann::ordered_json;
namespace {

// Numbers and truth values as such.
ordered_json json_of(const Settings& settings) {
  auto object = ordered_json::object();
  for (const auto& [key, value] : settings) {
    const auto parsed = ordered_json::parse(value, nullptr, /*allow_exceptions=*/false);
    const bool is_plain = parsed.is_number() || parsed.is_boolean();
    object[key] = is_plain ? parsed : ordered_json(value);
  }
  return object;
}

void add_result(ordered_json& row, const TrialResult& result) {
  if (result.f_measure) {
    row["F"] = *result.f_measure;
    row["Pr"] = *result.precision;
    row["Re"] = *result.recall;
  }
  if (result.score) row["score"] = *result.score;
  row["loss"] = result.loss;
  row["seconds"] = result.seconds;
  if (!result.warning.empty()) row["warning"] = result.warning;
}

// All that is known of a trial: what CSV and tables show are parts of it.
ordered_json json_of(const Trial& trial) {
  ordered_json row = {{"id", trial.id},
                      {"state", to_string(trial.state)},
                      {"sequence", trial.sequence.name},
                      {"input", trial.sequence.path},
                      {"settings", json_of(trial.settings)},
                      {"configuration", trial.configuration},
                      {"rung", trial.rung},
                      {"steps", trial.steps},
                      {"attempts", trial.attempts}};
  if (trial.result) add_result(row, *trial.result);
  if (!trial.progress.empty()) row["progress"] = trial.progress;
  if (trial.state == TrialState::kPruned) row["error"] = trial.error;
  if (trial.state == TrialState::kFailed) {
    row["error"] = trial.error;
    row["exit_code"] = trial.exit_code;
  }
  return row;
}

ordered_json json_of(const Configuration& configuration) {
  ordered_json row = {
      {"configuration", configuration.id}, {"settings", json_of(configuration.settings)},
      {"rung", configuration.rung},        {"trials", configuration.trials},
      {"planned", configuration.planned},  {"sequences", configuration.sequences},
      {"seeds", configuration.seeds},      {"mean", configuration.mean}};
  if (configuration.spread) row["spread"] = *configuration.spread;
  if (configuration.sequence_spread) row["sequence_spread"] = *configuration.sequence_spread;
  return row;
}

ordered_json json_of(const Effect& effect) {
  auto levels = ordered_json::array();
  for (const Effect::Level& level : effect.levels) {
    levels.push_back(
        {{"value", level.value}, {"configurations", level.configurations}, {"mean", level.mean}});
  }
  return {{"field", effect.field}, {"range", effect.range}, {"levels", levels}};
}

}  // namespace

std::vector<ordered_json> cells_of(const Trial& trial, const std::vector<std::string>& columns) {
  const ordered_json row = json_of(trial);
  std::vector<ordered_json> cells;
  for (const std::string& column : columns) {
    const auto& holder = row.contains(column) ? row : row["settings"];
    cells.push_back(holder.value(column, ordered_json(nullptr)));
  }
  return cells;
}

std::vector<ordered_json> cells_of(const Settings& settings,
                                   const std::vector<std::string>& fields) {
  const ordered_json row = json_of(settings);
  std::vector<ordered_json> cells;
  for (const std::string& field : fields) cells.push_back(row.value(field, ordered_json(nullptr)));
  return cells;
}

// With all digits.
Cells texts_of(const Trial& trial, const std::vector<std::string>& columns) {
  Cells texts;
  for (const ordered_json& cell : cells_of(trial, columns)) {
    texts.push_back(cell.is_null()           ? ""
                    : cell.is_string()       ? cell.get<std::string>()
                    : cell.is_number_float() ? fmt::format("{}", cell.get<double>())
                                             : json_line(cell));
  }
  return texts;
}

std::string best_json(const SweepResults& results, const fs::path& sweep,
                      const std::optional<Halving>& halving) {
  ordered_json json = json_of(results.configurations.front());
  json["metric"] = to_string(results.metric);
  json["value"] = results.configurations.front().mean;
  json["members"] = ordered_json::array();
  for (const Trial* trial : best_trials(results)) {
    ordered_json member = json_of(*trial);
    member["folder"] = trial_folder(sweep, trial->id).string();
    member["commands"] = commands_for(*trial, sweep, halving, output_for(*trial, results));
    json["members"].push_back(std::move(member));
  }
  return json_text(json);
}

std::string to_json(const SweepResults& results) {
  ordered_json json = {{"metric", to_string(results.metric)},
                       {"trials", ordered_json::array()},
                       {"configurations", ordered_json::array()},
                       {"effects", ordered_json::array()},
                       {"importances", ordered_json::array()}};
  for (const Trial& trial : results.trials) json["trials"].push_back(json_of(trial));
  for (const auto& row : results.configurations) json["configurations"].push_back(json_of(row));
  for (const Effect& effect : results.effects) json["effects"].push_back(json_of(effect));
  for (const Importance& one : importances_of(results)) {
    json["importances"].push_back({{"fields", one.fields}, {"share", one.share}});
  }
  return json_text(json);
}

std::string to_csv(const SweepResults& results) {
  Cells columns = {"id",   "state", "sequence", "input", "configuration",
                   "rung", "steps", "attempts"};
  const auto fields = searched_fields(results.trials);
  columns.insert(columns.end(), fields.begin(), fields.end());
  columns.insert(columns.end(), {"F", "Pr", "Re", "score", "loss", "seconds", "error"});
  std::vector<Cells> rows = {columns};
  for (const Trial& trial : results.trials) rows.push_back(texts_of(trial, columns));
  return csv_table(rows);
}

}  // namespace proxseg
