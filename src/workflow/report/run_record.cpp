#include "proxseg/workflow/report/run_record.h"

#include <fmt/format.h>

#include <algorithm>
#include <limits>
#include <sstream>

#include "proxseg/core/error.h"
#include "proxseg/core/file.h"
#include "proxseg/core/text.h"
#include "proxseg/media/cdnet.h"

namespace proxseg {
namespace fs = std::filesystem;
using nlohmann::ordered_json;
namespace {

// Null where there is no such file.
ordered_json read_object(const fs::path& file) {
  std::error_code ignored;
  if (!fs::exists(file, ignored)) return nullptr;
  auto json = ordered_json::parse(read_file(file), nullptr, /*allow_exceptions=*/false);
  if (json.is_object()) return json;
  throw InputError(fmt::format("'{}' is damaged: it holds no JSON object", file.string()));
}

std::vector<std::string> cells_of(const std::string& row) {
  std::istringstream stream(row);
  std::vector<std::string> cells;
  for (std::string cell; std::getline(stream, cell, ',');) cells.push_back(cell);
  return cells;
}

std::vector<Column> read_metrics(const fs::path& file) {
  constexpr double kNaN = std::numeric_limits<double>::quiet_NaN();
  std::error_code ignored;
  std::vector<Column> columns;
  if (!fs::exists(file, ignored)) return columns;
  std::istringstream rows(read_file(file));
  std::string row;
  std::getline(rows, row);
  for (const std::string& name : cells_of(row)) columns.push_back({name, {}});
  while (std::getline(rows, row)) {
    const auto cells = cells_of(row);
    if (cells.size() != columns.size()) continue;  // a row that is just being written
    for (size_t i = 0; i < cells.size(); ++i) {
      columns[i].values.push_back(parse_number<double>(cells[i]).value_or(kNaN));
    }
  }
  return columns;
}

void read_provenance(RunRecord& run) {
  const fs::path file = run.folder / "provenance.json";
  const ordered_json provenance = read_object(file);
  try {
    for (const auto& input : provenance.at("inputs")) {
      run.inputs.push_back({input.at("path"), input.at("name")});
    }
    run.recipe.origins = provenance.at("origins");
  } catch (const nlohmann::json::exception& error) {
    throw InputError(fmt::format("'{}' is damaged: {}", file.string(), error.what()));
  }
}

std::string name_of(const fs::path& folder) {
  std::error_code ignored;
  const fs::path whole = fs::weakly_canonical(folder, ignored);
  return whole.has_filename() ? whole.filename().string() : "run";
}

}  // namespace

const Column* RunRecord::metric(const std::string& column) const {
  const auto found = std::find_if(metrics.begin(), metrics.end(),
                                  [&](const Column& c) { return c.name == column; });
  return found == metrics.end() ? nullptr : &*found;
}

bool is_run(const fs::path& folder) {
  std::error_code ignored;
  return fs::is_regular_file(folder / "config.json", ignored) &&
         fs::is_regular_file(folder / "provenance.json", ignored);
}

RunRecord read_run(const fs::path& folder) {
  if (!is_run(folder)) {
    throw InputError(fmt::format("'{}' holds no run: config.json or provenance.json is missing",
                                 folder.string()),
                     "Give a folder that train or run wrote, or a tree of those.");
  }
  RunRecord run;
  run.folder = folder;
  run.name = name_of(folder);
  run.recipe = resolve_recipe((folder / "config.json").string());
  read_provenance(run);
  run.environment = read_object(folder / "environment.json");
  run.summary = read_object(folder / "summary.json");
  run.metrics = read_metrics(folder / "metrics.csv");
  for (const auto& [step, file] : numbered_images(folder / "previews", "")) {
    run.previews.emplace_back(step, file);
  }
  return run;
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
