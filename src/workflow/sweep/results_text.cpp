#include "proxseg/workflow/sweep/results_text.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <sstream>

#include "proxseg/core/lines.h"
#include "proxseg/core/text.h"
#include "proxseg/recipe/fields.h"
#include "proxseg/workflow/sweep/importance.h"
#include "proxseg/workflow/sweep/results_json.h"
#include "proxseg/workflow/sweep/trial.h"

namespace proxseg {
namespace fs = std::filesystem;
namespace {

std::string short_number(double value, Metric metric) {
  return metric == Metric::kLoss ? fmt::format("{:.4g}", value) : fmt::format("{:.4f}", value);
}

std::string first_line(const std::string& text) { return text.substr(0, text.find('\n')); }

bool gave_up(const Trial& trial) {
  return trial.state == TrialState::kFailed || trial.state == TrialState::kPruned;
}

// Texts that stand once below a table, however many of its rows have them.
class Remarks {
 public:
  // What stands in a row for its text: "[1]".
  std::string mark(const std::string& text) {
    const auto known = std::ranges::find(texts_, text, &Text::first);
    const auto at = known - texts_.begin();
    if (known == texts_.end()) texts_.emplace_back(text, 0);
    ++texts_[static_cast<size_t>(at)].second;
    return fmt::format("[{}]", at + 1);
  }

  // "[1]  3 trials: text"
  std::vector<std::string> lines() const {
    std::vector<std::string> lines;
    for (const auto& [text, count] : texts_) {
      lines.push_back(fmt::format("[{}]  {}: {}", lines.size() + 1, counted(count, "trial"), text));
    }
    return lines;
  }

 private:
  using Text = std::pair<std::string, int64_t>;
  std::vector<Text> texts_;  // with how many rows have each
};

// A warning is a mark; so is why a trial has failed, unless there is room for that in the row.
std::string note_of(const Trial& trial, bool has_room, Remarks& remarks) {
  constexpr size_t kLongest = 120;
  const std::string reason = first_line(trial.error);
  if (gave_up(trial)) return has_room ? shorten(reason, kLongest) : remarks.mark(reason);
  const bool is_done = trial.state == TrialState::kDone && trial.result;
  if (is_done) return trial.result->warning.empty() ? "" : remarks.mark(trial.result->warning);
  if (trial.state == TrialState::kWaiting && !trial.progress.empty()) {
    return "stopped at " + trial.progress;
  }
  return trial.progress;
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

constexpr size_t kRanked = 10;  // configurations in a ranking on a terminal

// How a ranking shows the settings of its configurations: as one text, with whole or with short
// keys, or as a column for each field.
enum class SettingsForm { kWhole, kShort, kColumns };

std::vector<std::string> fields_of_configurations(const SweepResults& results) {
  auto fields = searched_fields(results.trials);
  std::erase(fields, "seed");
  return fields;
}

// A row of the ranking; columns without any value in it are left out of all.
std::vector<Cells> without_empty_columns(std::vector<Cells> rows) {
  for (size_t i = rows.front().size(); i-- > 0;) {
    const auto is_empty = [i](const Cells& row) { return row[i].empty(); };
    if (rows.size() < 2 || !std::all_of(rows.begin() + 1, rows.end(), is_empty)) continue;
    for (Cells& row : rows) row.erase(row.begin() + static_cast<std::ptrdiff_t>(i));
  }
  return rows;
}

Cells ranking_row(const Configuration& c, Metric metric, size_t rank, bool rungs) {
  const auto shown = [&](const std::optional<double>& number) {
    return number ? short_number(*number, metric) : "";
  };
  return {fmt::format("{}", rank),
          rungs ? fmt::format("{}", c.rung) : "",
          short_number(c.mean, metric),
          shown(c.spread),
          shown(c.sequence_spread),
          c.trials == c.planned ? fmt::format("{}", c.trials)
                                : fmt::format("{} of {}", c.trials, c.planned)};
}

std::vector<Cells> ranking_rows(const SweepResults& results, SettingsForm form, size_t most) {
  const Metric metric = results.metric;
  const bool rungs = halves(results.trials), in_columns = form == SettingsForm::kColumns;
  const auto fields = fields_of_configurations(results);
  Cells header = {"rank", "rung", to_string(metric), "± seeds", "± sequences", "trials"};
  if (in_columns) {
    std::ranges::transform(fields, std::back_inserter(header), short_key);
  } else {
    header.emplace_back("settings");
  }
  std::vector<Cells> rows = {header};
  for (size_t i = 0; i < std::min(most, results.configurations.size()); ++i) {
    const Configuration& c = results.configurations[i];
    Cells row = ranking_row(c, metric, i + 1, rungs);
    for (const std::string& field : in_columns ? fields : Cells()) {
      const auto given = std::ranges::find(c.settings, field, &Settings::value_type::first);
      row.push_back(given == c.settings.end() ? "" : given->second);
    }
    if (!in_columns) {
      row.push_back(describe_settings(c.settings, form == SettingsForm::kShort));
    }
    rows.push_back(std::move(row));
  }
  return without_empty_columns(std::move(rows));
}

// The settings in the first form that fits, else broken by words.
std::string ranking_table(const SweepResults& results, size_t columns, size_t most) {
  for (const auto form : {SettingsForm::kWhole, SettingsForm::kShort, SettingsForm::kColumns}) {
    const std::vector<Cells> rows = ranking_rows(results, form, most);
    std::string text = text_table(rows, rows.front().size());
    if (fits(text, columns)) return text;
  }
  const std::vector<Cells> rows = ranking_rows(results, SettingsForm::kShort, most);
  return text_table(rows, rows.front().size(), {columns, {"trials"}, kWhereAllIs});
}

std::string configurations_text(const SweepResults& results, size_t columns, size_t most) {
  const std::string title = fmt::format("Configurations by {}\n", metric_text(results.metric));
  std::string text = wrap_lines(title, columns) + ranking_table(results, columns, most);
  if (results.configurations.size() > most) {
    text += fmt::format("and {} more\n", results.configurations.size() - most);
  }
  return text;
}

// "± 0.0100 between the seeds, ± 0.1000 between the sequences"; empty where there is one of each.
std::string spreads_of(const Configuration& configuration, Metric metric) {
  std::vector<std::string> parts;
  if (configuration.spread) {
    parts.push_back(
        fmt::format("± {} between the seeds", short_number(*configuration.spread, metric)));
  }
  if (configuration.sequence_spread) {
    parts.push_back(fmt::format("± {} between the sequences",
                                short_number(*configuration.sequence_spread, metric)));
  }
  return fmt::format("{}", fmt::join(parts, ", "));
}

// "3 sequences and 2 seeds, ± 0.0100 between the seeds, ± 0.1000 between the sequences"
std::string extent_of(const Configuration& configuration, Metric metric) {
  std::string text = fmt::format("{} and {}", counted(configuration.sequences, "sequence"),
                                 counted(configuration.seeds, "seed"));
  const std::string spreads = spreads_of(configuration, metric);
  if (!spreads.empty()) text += ", " + spreads;
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
  if (rows.size() > 1) {
    return "How much each field mattered (share of the variance, without that between sequences)\n" +
           text_table(rows, 1) + "\n";
  }
  const std::string missing = missing_importances(results);
  return missing.empty() ? "" : missing + "\n\n";
}

std::string effects_text(const SweepResults& results) {
  size_t width = 0;
  for (const Effect& effect : results.effects) {
    for (const Effect::Level& level : effect.levels) {
      width = std::max(width, columns_of(level.value));
    }
  }
  std::string text;
  for (const Effect& effect : results.effects) {
    text += fmt::format("{}: range {}\n", effect.field, short_number(effect.range, results.metric));
    for (const Effect::Level& level : effect.levels) {
      text += fmt::format("  {:<{}}  {}  ({})\n", level.value, width,
                          short_number(level.mean, results.metric),
                          counted(level.configurations, "configuration"));
    }
  }
  return text.empty() ? "" : "What each field did (means over all else)\n" + text + "\n";
}

// The columns of a table of trials, of which the last is a note.
std::vector<Cells> trial_rows(const std::vector<const Trial*>& trials, const SweepResults& results,
                              bool has_room, Remarks& remarks) {
  Cells shown = {"id", "state", "sequence"};
  const auto fields = searched_fields(results.trials);
  shown.insert(shown.end(), fields.begin(), fields.end());
  if (halves(results.trials)) shown.insert(shown.end(), {"rung", "steps"});
  Cells header = shown;
  header.insert(header.end(), {to_string(results.metric), "seconds", ""});
  if (!has_room) std::ranges::transform(header, header.begin(), short_key);
  std::vector<Cells> rows = {header};
  for (const Trial* trial : trials) {
    Cells& row = rows.emplace_back(texts_of(*trial, shown));
    const auto value = value_of(*trial, results.metric);
    row.push_back(value ? short_number(*value, results.metric) : "-");
    row.push_back(trial->result ? fmt::format("{:.1f}", trial->result->seconds) : "-");
    row.push_back(note_of(*trial, has_room, remarks));
  }
  return rows;
}

// What a table of trials can do without, first the least important: the sequence before searched
// fields only where there is one.
Cells spare_columns(const SweepResults& results) {
  Cells spare = {"seconds", "steps", "rung"};
  const auto is_other = [&](const Trial& trial) {
    return trial.sequence.path != results.trials.front().sequence.path;
  };
  const bool differ = std::ranges::any_of(results.trials, is_other);
  if (!differ) spare.emplace_back("sequence");
  auto fields = searched_fields(results.trials);
  std::ranges::reverse(fields);
  std::ranges::transform(fields, std::back_inserter(spare), short_key);
  if (differ) spare.emplace_back("sequence");
  return spare;
}

// The table, and the lines below it.
std::pair<std::string, std::vector<std::string>> table_of_trials(
    const std::vector<const Trial*>& trials, const SweepResults& results, size_t columns) {
  Remarks remarks;
  const std::vector<Cells> rows = trial_rows(trials, results, /*has_room=*/true, remarks);
  const std::string whole = text_table(rows, rows.front().size());
  if (fits(whole, columns)) return {whole, remarks.lines()};
  remarks = {};
  const std::vector<Cells> short_rows = trial_rows(trials, results, /*has_room=*/false, remarks);
  const TableFit fit = {columns, spare_columns(results), kWhereAllIs};
  return {text_table(short_rows, short_rows.front().size(), fit), remarks.lines()};
}

std::string lines_of(const std::vector<std::string>& lines, size_t columns) {
  std::string text;
  for (const std::string& line : lines) text += wrap_lines(line, columns) + '\n';
  return text;
}

// ---- what fits a terminal

size_t count_lines(const std::string& text) {
  return static_cast<size_t>(std::ranges::count(text, '\n'));
}

// The trials that run or have failed, `most` of them.
std::string unsettled_trials(const SweepResults& results, size_t columns, size_t most) {
  std::vector<const Trial*> trials;
  for (const auto state : {TrialState::kRunning, TrialState::kFailed}) {
    for (const Trial& trial : results.trials) {
      if (trial.state == state) trials.push_back(&trial);
    }
  }
  if (trials.empty()) return "";
  const size_t all = trials.size();
  trials.resize(std::min(all, most));
  auto [text, remarks] = table_of_trials(trials, results, columns);
  for (const std::string& remark : remarks) text += shorten(remark, columns) + '\n';
  if (all > most) text += fmt::format("and {} more that run or have failed\n", all - most);
  return text + '\n';
}

// A line each.
std::string warnings_text(const SweepResults& results, size_t columns, size_t most) {
  std::vector<const Trial*> all;
  for (const Trial& trial : results.trials) all.push_back(&trial);
  const std::vector<std::string> lines = warnings_of(all);
  std::string text;
  for (size_t i = 0; i < std::min(most, lines.size()); ++i) {
    text += shorten(lines[i], columns) + '\n';
  }
  if (lines.size() > most) text += fmt::format("and {} more warnings\n", lines.size() - most);
  return text.empty() ? "" : text + '\n';
}

// The best configurations last, as many as fit beside the rest.
std::string brief_status(const SweepResults& results, size_t columns, size_t rows) {
  constexpr size_t kFewest = 3, kWarnings = 2;
  const std::string above = unsettled_trials(results, columns, std::max<size_t>(1, rows / 4)) +
                            warnings_text(results, columns, kWarnings);
  if (results.ranked.empty()) return above;
  std::string ranking;
  for (size_t most = kRanked; most >= kFewest; --most) {
    ranking = configurations_text(results, columns, most);
    if (count_lines(above + ranking) <= rows) break;
  }
  return above + ranking;
}

// All of them; below, once each, the warnings to which marks in the rows refer.
std::string trials_table(const SweepResults& results, size_t columns) {
  std::vector<const Trial*> all;
  for (const Trial& trial : results.trials) all.push_back(&trial);
  const auto [table, remarks] = table_of_trials(all, results, columns);
  return table + lines_of(remarks, columns);
}

}  // namespace

std::string describe_settings(const Settings& settings, bool in_short) {
  if (settings.empty()) return "the base recipe";
  std::vector<std::string> parts;
  for (const auto& [key, value] : settings) {
    parts.push_back(fmt::format("{}={}", in_short ? short_key(key) : key, value));
  }
  return fmt::format("{}", fmt::join(parts, " "));
}

std::string metric_text(Metric metric) {
  if (metric == Metric::kFMeasure) return "F-measure against the ground truth, higher is better";
  if (metric == Metric::kScore) return "label-free score, higher is better";
  return "loss, lower is better: no sequence has ground truth; losses of other loss.* settings "
         "are not comparable";
}

std::string ranking_text(const SweepResults& results, size_t columns) {
  if (results.ranked.empty()) return "";
  return effects_text(results) + importances_text(results) +
         configurations_text(results, columns,
                             columns == 0 ? results.configurations.size() : kRanked);
}

std::string status_text(const SweepResults& results, const fs::path& sweep, size_t columns,
                        size_t rows) {
  const std::string ranking = ranking_text(results, columns);
  const std::string whole =
      trials_table(results, columns) + (ranking.empty() ? "" : "\n") + ranking;
  if (rows == 0 || count_lines(wrap_lines(whole, columns)) <= rows) return whole;
  const std::string all =
      fmt::format("Every trial, and what each field did: proxseg sweep status {} | less\n",
                  shell_path(sweep.string()));
  const size_t lines = count_lines(wrap_lines(all, columns));
  const std::string tables =
      trials_table(results, columns) + "\n" + configurations_text(results, columns, kRanked);
  if (!results.ranked.empty() && count_lines(tables) + lines <= rows) return tables + all;
  return brief_status(results, columns, rows > lines ? rows - lines : 1) + all;
}

std::string outcome_of(const Configuration& configuration, Metric metric) {
  std::string text =
      fmt::format("{} {}", to_string(metric), short_number(configuration.mean, metric));
  const std::string spreads = spreads_of(configuration, metric);
  if (!spreads.empty()) text += ' ' + spreads;
  const std::string planned = configuration.trials == configuration.planned
                                  ? ""
                                  : fmt::format("{} of ", configuration.trials);
  return fmt::format("{}, {}{}", text, planned, counted(configuration.planned, "trial"));
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

std::vector<std::string> warnings_of(const std::vector<const Trial*>& trials) {
  Remarks remarks;
  for (const Trial* trial : trials) {
    const bool is_done = trial->state == TrialState::kDone && trial->result;
    if (is_done && !trial->result->warning.empty()) remarks.mark(trial->result->warning);
  }
  std::vector<std::string> lines = remarks.lines();
  for (std::string& line : lines) line.erase(0, text_after_label(line));
  return lines;
}

std::string output_for(const Trial& trial, const SweepResults& results) {
  return best_trials(results).size() > 1 ? "best/" + trial.id : "best";
}

std::vector<std::pair<std::string, std::string>> commands_for_best(
    const SweepResults& results, const fs::path& sweep, const std::optional<Halving>& halving) {
  std::vector<const Trial*> trials = best_trials(results);
  const size_t all = trials.size();
  if (all > kCommanded) trials.erase(trials.begin() + 1, trials.end());
  std::vector<std::pair<std::string, std::string>> commands;
  for (const Trial* trial : trials) {
    std::string purpose = "Train it again, on " + trial->sequence.name;
    const auto seed = std::ranges::find(trial->settings, "seed", &Settings::value_type::first);
    if (seed != trial->settings.end()) purpose += " with seed " + seed->second;
    for (const std::string& command :
         commands_for(*trial, sweep, halving, output_for(*trial, results))) {
      commands.emplace_back(purpose, command);
      purpose = "Then";
    }
  }
  if (all > kCommanded) {
    commands.emplace_back(
        fmt::format("The commands of all {}", counted(static_cast<int64_t>(all), "trial")),
        fmt::format("proxseg sweep best {} --json", shell_path(sweep.string())));
  }
  return commands;
}

std::string best_text(const SweepResults& results, const fs::path& sweep,
                      const std::optional<Halving>& halving) {
  const Configuration& best = results.configurations.front();
  const Metric metric = results.metric;
  std::string text = fmt::format("Best of {}: {} {} over {}\n  {}\n",
                                 counted(std::ssize(results.configurations), "configuration"),
                                 to_string(metric), short_number(best.mean, metric),
                                 extent_of(best, metric), describe_settings(best.settings));
  std::vector<Cells> rows = {{"trial", "sequence", to_string(metric), "folder"}};
  const std::vector<const Trial*> trials = best_trials(results);
  for (const Trial* trial : trials) {
    rows.push_back({trial->id, trial->sequence.name,
                    short_number(*value_of(*trial, metric), metric),
                    trial_folder(sweep, trial->id).string()});
  }
  text += text_table(rows, rows.front().size());
  for (const std::string& warning : warnings_of(trials)) text += warning + "\n";
  for (const auto& [purpose, command] : commands_for_best(results, sweep, halving)) {
    text += fmt::format("{}:\n  {}\n", purpose, command);
  }
  return text +
         fmt::format(
             "As a recipe for other videos:\n  proxseg sweep best {0} --config-out best.json\n"
             "All results as a page:\n  proxseg report {0}\n",
             shell_path(sweep.string()));
}

}  // namespace proxseg
