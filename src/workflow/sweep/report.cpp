#include "proxseg/workflow/sweep/results.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <nlohmann/json.hpp>
#include <sstream>

#include "proxseg/core/lines.h"
#include "proxseg/core/text.h"
#include "proxseg/recipe/fields.h"
#include "proxseg/workflow/sweep/importance.h"
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

std::string short_number(double value, Metric metric) {
  return metric == Metric::kLoss ? fmt::format("{:.4g}", value) : fmt::format("{:.4f}", value);
}

std::string first_line(const std::string& text) {
  constexpr size_t kLongest = 120;
  const std::string line = text.substr(0, text.find('\n'));
  return line.size() > kLongest ? line.substr(0, kLongest - 3) + "..." : line;
}

std::string note_of(const Trial& trial) {
  const bool gave_up = trial.state == TrialState::kFailed || trial.state == TrialState::kPruned;
  if (gave_up) return first_line(trial.error);
  if (trial.result) return first_line(trial.result->warning);
  if (trial.state == TrialState::kWaiting && !trial.progress.empty()) {
    return "stopped at " + trial.progress;
  }
  return trial.progress;
}

bool halves(const std::vector<Trial>& trials) {
  return std::ranges::any_of(trials, [](const Trial& trial) { return trial.rung > 0; });
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
    levels.push_back({{"value", level.value}, {"trials", level.trials}, {"mean", level.mean}});
  }
  return {{"field", effect.field}, {"range", effect.range}, {"levels", levels}};
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

constexpr const char* kWhereAllIs = "--json and sweep export have all";

// Whether no line takes more columns; 0: any number.
bool fits(const std::string& text, size_t columns) {
  std::istringstream lines(text);
  for (std::string line; columns > 0 && std::getline(lines, line);) {
    if (columns_of(line) > columns) return false;
  }
  return true;
}

constexpr size_t kRanked = 10;  // configurations in a ranking

std::vector<Cells> ranking_rows(const SweepResults& results, bool in_short) {
  const Metric metric = results.metric;
  const bool rungs = halves(results.trials);
  Cells header = {"rank", to_string(metric), "spread", "trials", "settings"};
  if (rungs) header.insert(header.begin() + 1, "rung");
  std::vector<Cells> rows = {header};
  for (size_t i = 0; i < std::min(kRanked, results.configurations.size()); ++i) {
    const Configuration& c = results.configurations[i];
    Cells row = {fmt::format("{}", i + 1), short_number(c.mean, metric),
                 c.spread ? short_number(*c.spread, metric) : "-",
                 c.trials == c.planned ? fmt::format("{}", c.trials)
                                       : fmt::format("{} of {}", c.trials, c.planned),
                 describe_settings(c.settings, in_short)};
    if (rungs) row.insert(row.begin() + 1, fmt::format("{}", c.rung));
    rows.push_back(std::move(row));
  }
  return rows;
}

std::string configurations_text(const SweepResults& results, size_t columns) {
  std::vector<Cells> rows = ranking_rows(results, /*in_short=*/false);
  const size_t labels = rows.front().size();
  std::string text = text_table(rows, labels);
  if (!fits(text, columns)) {
    rows = ranking_rows(results, /*in_short=*/true);
    text = text_table(rows, labels, {columns, {"trials", "spread"}, kWhereAllIs});
  }
  if (results.configurations.size() > kRanked) {
    text += fmt::format("and {} more\n", results.configurations.size() - kRanked);
  }
  return text;
}

// "3 sequences and 2 seeds, +- 0.0100 between the seeds, +- 0.1000 between the sequences"
std::string extent_of(const Configuration& configuration, Metric metric) {
  const auto counted = [](int64_t count, const char* what) {
    return fmt::format("{} {}{}", count, what, count == 1 ? "" : "s");
  };
  std::string text = fmt::format("{} and {}", counted(configuration.sequences, "sequence"),
                                 counted(configuration.seeds, "seed"));
  if (configuration.spread) {
    text += fmt::format(", +- {} between the seeds", short_number(*configuration.spread, metric));
  }
  if (configuration.sequence_spread) {
    text += fmt::format(", +- {} between the sequences",
                        short_number(*configuration.sequence_spread, metric));
  }
  if (configuration.trials < configuration.planned) {
    text += fmt::format("; {} of {} trials", configuration.trials, configuration.planned);
  }
  return text;
}

std::string importances_text(const SweepResults& results) {
  std::vector<Cells> rows = {{"field", "share"}};
  for (const Importance& importance : importances_of(results)) {
    rows.push_back({fmt::format("{}", fmt::join(importance.fields, " with ")),
                    fmt::format("{:.1f} %", 100.0 * importance.share)});
  }
  if (rows.size() == 1) return "";
  return "\nHow much each field mattered (share of the variance, without that between sequences)\n" +
         text_table(rows, 1);
}

std::string effects_text(const SweepResults& results) {
  std::string text;
  for (const Effect& effect : results.effects) {
    text += fmt::format("{}: range {}\n", effect.field, short_number(effect.range, results.metric));
    for (const Effect::Level& level : effect.levels) {
      text += fmt::format("  {:<16} {}  ({} trials)\n", level.value,
                          short_number(level.mean, results.metric), level.trials);
    }
  }
  return text;
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

std::string describe_settings(const Settings& settings, bool in_short) {
  if (settings.empty()) return "the base recipe";
  std::vector<std::string> parts;
  for (const auto& [key, value] : settings) {
    parts.push_back(fmt::format("{}={}", in_short ? short_key(key) : key, value));
  }
  return fmt::format("{}", fmt::join(parts, " "));
}

std::vector<std::string> searched_fields(const std::vector<Trial>& trials) {
  std::vector<std::string> fields;
  for (const Trial& trial : trials) {
    for (const auto& [key, value] : trial.settings) {
      if (std::ranges::find(fields, key) == fields.end()) fields.push_back(key);
    }
  }
  return fields;
}

std::string metric_text(Metric metric) {
  if (metric == Metric::kFMeasure) return "F-measure against the ground truth, higher is better";
  if (metric == Metric::kScore) return "label-free score, higher is better";
  return "loss, lower is better: no sequence has ground truth; losses of other loss.* settings "
         "are not comparable";
}

std::string trials_table(const SweepResults& results, size_t columns) {
  Cells shown = {"id", "state", "sequence"};
  const auto fields = searched_fields(results.trials);
  shown.insert(shown.end(), fields.begin(), fields.end());
  if (halves(results.trials)) shown.insert(shown.end(), {"rung", "steps"});
  Cells header = shown;
  header.insert(header.end(), {to_string(results.metric), "seconds", ""});
  std::vector<Cells> rows = {header};
  for (const Trial& trial : results.trials) {
    Cells& row = rows.emplace_back(texts_of(trial, shown));
    const auto value = value_of(trial, results.metric);
    row.push_back(value ? short_number(*value, results.metric) : "-");
    row.push_back(trial.result ? fmt::format("{:.1f}", trial.result->seconds) : "-");
    row.push_back(note_of(trial));
  }
  const std::string whole = text_table(rows, header.size());
  if (fits(whole, columns)) return whole;
  std::ranges::transform(rows.front(), rows.front().begin(), short_key);
  TableFit fit = {columns, {"seconds", "steps", "rung"}, kWhereAllIs};
  for (const std::string& field : fields) fit.spare.insert(fit.spare.begin() + 3, short_key(field));
  return text_table(rows, header.size(), fit);
}

std::string ranking_text(const SweepResults& results, size_t columns) {
  if (results.ranked.empty()) return "";
  std::string text = fmt::format("Configurations by {}\n", metric_text(results.metric));
  text += configurations_text(results, columns);
  if (!results.effects.empty()) text += "\nWhat each field did (means over all else)\n";
  return text + effects_text(results) + importances_text(results);
}

std::vector<std::string> commands_for(const Trial& trial, const fs::path& sweep,
                                      const std::optional<Halving>& halving,
                                      const std::string& output) {
  const fs::path config = trial_folder(sweep, trial.id) / "run" / "config.json";
  // A name without '/' would be a built-in recipe.
  const std::string recipe =
      config.is_absolute() || config.has_parent_path() ? config.string() : "./" + config.string();
  std::string first =
      fmt::format("proxseg train --config {} --input {} --output {}", shell_path(recipe),
                  shell_path(trial.sequence.path), shell_path(output));
  if (!halving) return {first};
  std::vector<int64_t> steps = {trial.steps};
  for (int64_t rung = trial.rung; rung > 0; --rung) steps.push_back(steps.back() / halving->factor);
  std::ranges::reverse(steps);
  std::vector<std::string> commands = {first + fmt::format(" --set train.steps={}", steps.front())};
  for (size_t i = 1; i < steps.size(); ++i) {
    commands.push_back(fmt::format("proxseg train --resume {} --set train.steps={}",
                                   shell_path(output), steps[i]));
  }
  return commands;
}

std::string best_text(const SweepResults& results, const fs::path& sweep,
                      const std::optional<Halving>& halving) {
  const Configuration& best = results.configurations.front();
  const Metric metric = results.metric;
  std::string text =
      fmt::format("Best of {} configurations: {} {} over {}\n  {}\n", results.configurations.size(),
                  to_string(metric), short_number(best.mean, metric), extent_of(best, metric),
                  describe_settings(best.settings));
  std::vector<Cells> rows = {{"trial", "sequence", to_string(metric), "folder"}};
  const std::vector<const Trial*> trials = best_trials(results);
  for (const Trial* trial : trials) {
    rows.push_back({trial->id, trial->sequence.name,
                    short_number(*value_of(*trial, metric), metric),
                    trial_folder(sweep, trial->id).string()});
  }
  text += text_table(rows, rows.front().size());
  text += fmt::format("Train it again, on {}:\n", trials.front()->sequence.name);
  for (const std::string& command : commands_for(*trials.front(), sweep, halving)) {
    text += "  " + command + "\n";
  }
  return text +
         fmt::format(
             "As a recipe for other videos:\n  proxseg sweep best {0} --config-out best.json\n"
             "All results as a page:\n  proxseg report {0}\n",
             shell_path(sweep.string()));
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
    member["commands"] = commands_for(*trial, sweep, halving);
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
