#include "proxseg/workflow/report/run_record.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <cmath>
#include <nlohmann/json.hpp>
#include <numeric>
#include <sstream>

#include "proxseg/core/error.h"
#include "proxseg/core/file.h"
#include "proxseg/core/text.h"
#include "proxseg/media/cdnet.h"
#include "proxseg/train/run/tensorboard.h"
#include "proxseg/train/session.h"

namespace proxseg {
namespace fs = std::filesystem;
using nlohmann::ordered_json;
namespace {

// Null where there is no such file.
ordered_json read_object(const fs::path& file) {
  if (!is_file(file)) return nullptr;
  auto json = ordered_json::parse(read_file(file), nullptr, /*allow_exceptions=*/false);
  if (json.is_object()) return json;
  throw InputError(fmt::format("'{}' is damaged: it holds no JSON object", file.string()));
}

void read_metrics(RunRecord& run) {
  const fs::path file = run.folder / "metrics.csv";
  if (!is_file(file)) return;
  std::istringstream rows(read_file(file));
  std::string row;
  std::getline(rows, row);
  const auto names = split(row, ',');
  for (const std::string& name : names) run.metrics[name] = {};
  while (std::getline(rows, row)) {
    const auto cells = split(row, ',');
    if (cells.size() != names.size()) continue;  // a row that is just being written
    for (size_t i = 0; i < cells.size(); ++i) {
      run.metrics[names[i]].push_back(parse_number<double>(cells[i]).value_or(NAN));
    }
  }
}

void read_provenance(RunRecord& run) {
  const ordered_json provenance = read_object(run.folder / "provenance.json");
  for (const auto& input : provenance.at("inputs")) {
    run.inputs.push_back({name_from_json(input.at("path")), name_from_json(input.at("name"))});
  }
  run.recipe.origins = provenance.at("origins");
}

void read_summary(RunRecord& run) {
  const ordered_json json = read_object(run.folder / "summary.json");
  if (json.is_null()) return;
  const auto number = [&](const char* key) {
    return json.contains(key) && !json[key].is_null() ? std::optional<double>(json[key])
                                                      : std::nullopt;
  };
  RunSummary summary{number("parameters"),
                     number("score"),
                     number("sequence_loss"),
                     number("sequence_score"),
                     {},
                     {}};
  if (json.contains("singular_values")) {
    summary.frames = json["singular_values"].at("frames").get<std::vector<double>>();
    summary.background = json["singular_values"].at("background").get<std::vector<double>>();
  }
  run.summary = std::move(summary);
}

void add_rows(RunRecord& run, const std::string& name, const ordered_json& value) {
  if (value.is_object()) {
    for (const auto& [key, part] : value.items()) {
      add_rows(run, name.empty() ? key : fmt::format("{} {}", name, key), part);
    }
  } else if (value.is_array() && !value.empty() && value.front().is_object()) {
    for (const auto& part : value) add_rows(run, name, part);
  } else if (!(value.is_array() && value.empty())) {
    run.environment.emplace_back(name,
                                 value.is_string() ? value.get<std::string>() : json_line(value));
  }
}

void read_environment(RunRecord& run) {
  ordered_json json = read_object(run.folder / "environment.json");
  if (json.is_null()) return;
  run.time = json.value("time", "");
  run.command = json.value("command", std::vector<std::string>{});
  run.command_folder = json.value("folder", "");
  json.erase("command");
  json.erase("folder");
  add_rows(run, "", json);
}

// Reads one file of a run; that it is damaged becomes an InputError.
void read_part(RunRecord& run, const char* file, void (*read)(RunRecord&)) {
  try {
    read(run);
  } catch (const nlohmann::json::exception& error) {
    throw InputError(
        fmt::format("'{}' is damaged: {}", (run.folder / file).string(), error.what()));
  }
}

// The same of a file that a report can do without.
void read_if_sound(RunRecord& run, const char* file, void (*read)(RunRecord&)) {
  try {
    read_part(run, file, read);
  } catch (const InputError& error) {
    run.problems.emplace_back(error.what());
  }
}

}  // namespace

std::string RunRecord::input_names() const {
  std::vector<std::string> names;
  for (const NamedSequence& input : inputs) names.push_back(input.name);
  return fmt::format("{}", fmt::join(names, ", "));
}

const std::vector<double>& RunRecord::metric(const std::string& column) const {
  static const std::vector<double> kNone;
  const auto found = metrics.find(column);
  return found == metrics.end() ? kNone : found->second;
}

std::optional<double> RunRecord::loss() const {
  if (summary && summary->sequence_loss) return summary->sequence_loss;
  const std::vector<double>& losses = metric("loss");
  if (losses.empty()) return std::nullopt;
  return mean_of_last_tenth(losses);
}

std::optional<double> RunRecord::score() const {
  if (!summary) return std::nullopt;
  return summary->sequence_score ? summary->sequence_score : summary->score;
}

std::optional<double> RunRecord::seconds_in_steps() const {
  const std::vector<double>& seconds = metric("seconds");
  if (seconds.empty()) return std::nullopt;
  return std::accumulate(seconds.begin(), seconds.end(), 0.0);
}

RunRecord read_run(const fs::path& folder) {
  if (!is_run(folder)) {
    throw InputError(fmt::format("'{}' holds no run: config.json or provenance.json is missing",
                                 folder.string()),
                     "Give a folder that train or run wrote, or a tree of those.");
  }
  RunRecord run;
  run.folder = folder;
  run.name = folder_name(folder, "run");
  run.recipe = resolve_recipe((folder / "config.json").string());
  read_part(run, "provenance.json", read_provenance);
  read_if_sound(run, "environment.json", read_environment);
  read_if_sound(run, "summary.json", read_summary);
  read_metrics(run);
  for (const auto& [step, file] : numbered_images(folder / "previews", "")) {
    run.previews.emplace_back(step, file);
  }
  return run;
}

void record_f_measure(const RunRecord& run, double f_measure) {
  add_results(run.folder / "events.out.tfevents", static_cast<int64_t>(run.metric("step").size()),
              {{kFMeasureTag, f_measure}});
}

std::vector<fs::path> find_runs(const fs::path& tree) {
  std::vector<fs::path> found;
  std::error_code error;
  for (fs::recursive_directory_iterator it(tree, error), end; !error && it != end;
       it.increment(error)) {
    if (!is_run(it->path())) continue;
    found.push_back(it->path());
    it.disable_recursion_pending();
  }
  if (error) {
    throw InputError(fmt::format("cannot list '{}': {}", tree.string(), error.message()));
  }
  if (found.empty()) {
    throw InputError(fmt::format("'{}' holds no run", tree.string()),
                     "Give a folder that train or run wrote, or a tree of those.");
  }
  std::sort(found.begin(), found.end());
  return found;
}

}  // namespace proxseg
