#include "proxseg/workflow/sweep/report.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <nlohmann/json.hpp>

#include "proxseg/core/text.h"
#include "proxseg/workflow/sweep/trial.h"

namespace proxseg {
namespace fs = std::filesystem;
using nlohmann::ordered_json;
namespace {

using Settings = std::vector<std::pair<std::string, std::string>>;

std::string setting(const Settings& settings, const std::string& field) {
  const auto at = std::ranges::find(settings, field, [](const auto& entry) { return entry.first; });
  return at == settings.end() ? "" : at->second;
}

// Columns to the left, lines without blanks at their ends.
std::string left_table(const std::vector<Cells>& rows) {
  const std::string padded = text_table(rows, rows.front().size());
  std::string text;
  for (const char c : padded) {
    if (c == '\n') text.erase(text.find_last_not_of(' ') + 1);
    text += c;
  }
  return text;
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
  if (trial.state == TrialState::kFailed) return first_line(trial.error);
  if (trial.result) return first_line(trial.result->warning);
  if (trial.state == TrialState::kWaiting && !trial.progress.empty()) {
    return "stopped at " + trial.progress;
  }
  return trial.progress;
}

bool halves(const std::vector<Trial>& trials) {
  return std::ranges::any_of(trials, [](const Trial& trial) { return trial.rung > 0; });
}

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
  if (trial.state == TrialState::kFailed) {
    row["error"] = trial.error;
    row["exit_code"] = trial.exit_code;
  }
  return row;
}

ordered_json json_of(const Configuration& configuration) {
  ordered_json row = {{"settings", json_of(configuration.settings)},
                      {"rung", configuration.rung},
                      {"trials", configuration.trials},
                      {"planned", configuration.planned},
                      {"mean", configuration.mean}};
  if (configuration.spread) row["spread"] = *configuration.spread;
  return row;
}

ordered_json json_of(const Effect& effect) {
  auto levels = ordered_json::array();
  for (const Effect::Level& level : effect.levels) {
    levels.push_back({{"value", level.value}, {"trials", level.trials}, {"mean", level.mean}});
  }
  return {{"field", effect.field}, {"range", effect.range}, {"levels", levels}};
}

std::string configurations_text(const SweepResults& results) {
  constexpr size_t kShown = 10;
  const Metric metric = results.metric;
  const bool rungs = halves(results.trials);
  Cells header = {"rank", to_string(metric), "spread", "trials", "settings"};
  if (rungs) header.insert(header.begin() + 1, "rung");
  std::vector<Cells> rows = {header};
  for (size_t i = 0; i < std::min(kShown, results.configurations.size()); ++i) {
    const Configuration& c = results.configurations[i];
    Cells row = {fmt::format("{}", i + 1), short_number(c.mean, metric),
                 c.spread ? short_number(*c.spread, metric) : "-",
                 c.trials == c.planned ? fmt::format("{}", c.trials)
                                       : fmt::format("{} of {}", c.trials, c.planned),
                 describe_settings(c.settings)};
    if (rungs) row.insert(row.begin() + 1, fmt::format("{}", c.rung));
    rows.push_back(std::move(row));
  }
  std::string text = left_table(rows);
  if (results.configurations.size() > kShown) {
    text += fmt::format("and {} more\n", results.configurations.size() - kShown);
  }
  return text;
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

std::string describe_settings(const Settings& settings) {
  if (settings.empty()) return "the base recipe";
  std::vector<std::string> parts;
  for (const auto& [key, value] : settings) parts.push_back(fmt::format("{}={}", key, value));
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

std::string trials_table(const SweepResults& results) {
  const auto fields = searched_fields(results.trials);
  const bool rungs = halves(results.trials);
  Cells header = {"id", "state", "sequence"};
  header.insert(header.end(), fields.begin(), fields.end());
  if (rungs) header.insert(header.end(), {"rung", "steps"});
  header.insert(header.end(), {to_string(results.metric), "seconds", ""});
  std::vector<Cells> rows = {header};
  for (const Trial& trial : results.trials) {
    Cells row = {trial.id, to_string(trial.state), trial.sequence.name};
    for (const std::string& field : fields) row.push_back(setting(trial.settings, field));
    if (rungs) {
      row.insert(row.end(), {fmt::format("{}", trial.rung), fmt::format("{}", trial.steps)});
    }
    const auto value = value_of(trial, results.metric);
    row.push_back(value ? short_number(*value, results.metric) : "-");
    row.push_back(trial.result ? fmt::format("{:.1f}", trial.result->seconds) : "-");
    row.push_back(note_of(trial));
    rows.push_back(std::move(row));
  }
  return left_table(rows);
}

std::string ranking_text(const SweepResults& results) {
  if (results.ranked.empty()) return "";
  std::string text = fmt::format("Configurations by {}\n", metric_text(results.metric));
  text += configurations_text(results);
  if (!results.effects.empty()) text += "\nWhat each field did (means over all else)\n";
  return text + effects_text(results);
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
  const Trial& best = *results.ranked.front();
  std::string text =
      fmt::format("Best trial: {} with {} {} on {}: {}\n  {}\n", best.id, to_string(results.metric),
                  short_number(*value_of(best, results.metric), results.metric), best.sequence.name,
                  describe_settings(best.settings), trial_folder(sweep, best.id).string());
  const Configuration& first = results.configurations.front();
  if (first.planned > 1) {
    text += fmt::format("Best configuration over {} trials: {} {}{}: {}\n", first.trials,
                        to_string(results.metric), short_number(first.mean, results.metric),
                        first.spread ? " +- " + short_number(*first.spread, results.metric) : "",
                        describe_settings(first.settings));
  }
  const auto add_commands = [&](const char* heading, const Trial& trial) {
    text += heading;
    for (const std::string& command : commands_for(trial, sweep, halving)) {
      text += "  " + command + "\n";
    }
  };
  add_commands("Train the best trial again:\n", best);
  const auto example = std::ranges::find(results.ranked, first.id, &Trial::configuration);
  if (example != results.ranked.end() && (*example)->configuration != best.configuration) {
    add_commands("Train the best configuration, on the sequence where it is best:\n", **example);
  }
  return text +
         fmt::format("All results as a page: proxseg report {}\n", shell_path(sweep.string()));
}

std::string best_json(const SweepResults& results, const fs::path& sweep,
                      const std::optional<Halving>& halving) {
  const Trial& best = *results.ranked.front();
  ordered_json json = json_of(best);
  json["metric"] = to_string(results.metric);
  json["value"] = *value_of(best, results.metric);
  json["folder"] = trial_folder(sweep, best.id).string();
  json["commands"] = commands_for(best, sweep, halving);
  json["best_configuration"] = json_of(results.configurations.front());
  return json_text(json);
}

std::string to_json(const SweepResults& results) {
  ordered_json json = {{"metric", to_string(results.metric)},
                       {"trials", ordered_json::array()},
                       {"configurations", ordered_json::array()},
                       {"effects", ordered_json::array()}};
  for (const Trial& trial : results.trials) json["trials"].push_back(json_of(trial));
  for (const auto& row : results.configurations) json["configurations"].push_back(json_of(row));
  for (const Effect& effect : results.effects) json["effects"].push_back(json_of(effect));
  return json_text(json);
}

std::string to_csv(const SweepResults& results) {
  const auto number = [](const std::optional<double>& value) {
    return value ? fmt::format("{}", *value) : "";
  };
  const auto fields = searched_fields(results.trials);
  Cells header = {"id", "state", "sequence", "input", "configuration", "rung", "steps", "attempts"};
  header.insert(header.end(), fields.begin(), fields.end());
  header.insert(header.end(), {"F", "Pr", "Re", "score", "loss", "seconds", "error"});
  std::vector<Cells> rows = {header};
  for (const Trial& trial : results.trials) {
    Cells row = {trial.id, to_string(trial.state), trial.sequence.name, trial.sequence.path,
                 trial.configuration};
    for (const int64_t count : {trial.rung, trial.steps, trial.attempts}) {
      row.push_back(fmt::format("{}", count));
    }
    for (const std::string& field : fields) row.push_back(setting(trial.settings, field));
    const TrialResult result = trial.result.value_or(TrialResult{});
    row.insert(row.end(), {number(result.f_measure), number(result.precision),
                           number(result.recall), number(result.score)});
    row.push_back(trial.result ? number(result.loss) : "");
    row.push_back(trial.result ? number(result.seconds) : "");
    row.push_back(trial.state == TrialState::kFailed ? trial.error : "");
    rows.push_back(std::move(row));
  }
  return csv_table(rows);
}

}  // namespace proxseg
