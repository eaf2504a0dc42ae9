#include "proxseg/eval/comparison.h"

#include <fmt/format.h>

#include <algorithm>
#include <nlohmann/json.hpp>

#include "proxseg/core/error.h"
#include "proxseg/core/text.h"

namespace proxseg {
namespace {

using nlohmann::ordered_json;

constexpr size_t kLabels = 2;  // columns of text: sequence and method

MethodResult mean_of(const std::vector<MethodResult>& results) {
  MethodResult mean;
  mean.sequence = "mean";
  mean.method = results.front().method;
  std::vector<Measures> measures;
  const auto count = static_cast<double>(results.size());
  for (const MethodResult& result : results) {
    measures.push_back(result.measures);
    mean.frames_per_second += result.frames_per_second / count;
    if (result.training_seconds) {
      mean.training_seconds =
          mean.training_seconds.value_or(0.0) + *result.training_seconds / count;
    }
  }
  mean.measures = proxseg::mean(measures);
  return mean;
}

// Of each method over its sequences, in the order in which the methods first appear.
std::vector<MethodResult> means_of(const Comparison& comparison) {
  std::vector<std::vector<MethodResult>> groups;
  for (const MethodResult& result : comparison) {
    auto group = std::find_if(groups.begin(), groups.end(), [&](const auto& results) {
      return results.front().method == result.method;
    });
    if (group == groups.end()) group = groups.emplace(group);
    group->push_back(result);
  }
  std::vector<MethodResult> means;
  for (const auto& group : groups) means.push_back(mean_of(group));
  return means;
}

std::vector<MethodResult> shown_means(const Comparison& comparison) {
  const bool has_several =
      std::any_of(comparison.begin(), comparison.end(),
                  [&](const MethodResult& r) { return r.sequence != comparison.front().sequence; });
  return has_several ? means_of(comparison) : std::vector<MethodResult>{};
}

// Of a row for people or, with all digits, for programs.
Cells cells_of(const MethodResult& r, bool short_numbers) {
  const auto number = [&](double value, int digits) {
    return short_numbers ? fmt::format("{:.{}f}", value, digits) : fmt::format("{}", value);
  };
  return {r.sequence,
          r.method,
          number(r.measures.f_measure, 4),
          number(r.measures.precision, 4),
          number(r.measures.recall, 4),
          number(r.frames_per_second, 1),
          r.training_seconds ? number(*r.training_seconds, 1) + (short_numbers ? " s" : "") : ""};
}

// A header and rows for people.
std::vector<Cells> table_of(const Comparison& comparison) {
  std::vector<Cells> table = {{"sequence", "method", "F", "Pr", "Re", "frames/s", "training"}};
  for (const auto& result : comparison) table.push_back(cells_of(result, true));
  for (const auto& mean : shown_means(comparison)) table.push_back(cells_of(mean, true));
  return table;
}

ordered_json json_of(const MethodResult& result) {
  ordered_json json = {{"sequence", result.sequence}, {"method", result.method}};
  for (const auto& [name, value] : kMeasures) json[name] = result.measures.*value;
  json["frames_per_second"] = result.frames_per_second;
  if (result.training_seconds) json["training_seconds"] = *result.training_seconds;
  return json;
}

}  // namespace

std::string to_text(const Comparison& comparison, size_t columns) {
  return text_table(
      table_of(comparison), kLabels,
      {columns, {"training", "frames/s", "Pr", "Re"}, "--json, --csv and --markdown have all"});
}

std::string to_markdown(const Comparison& comparison) {
  return markdown_table(table_of(comparison), kLabels);
}

std::string to_csv(const Comparison& comparison) {
  std::vector<Cells> table = {
      {"level", "sequence", "method", "F", "Pr", "Re", "frames_per_second", "training_seconds"}};
  const auto add = [&](const char* level, const MethodResult& result) {
    Cells& cells = table.emplace_back(cells_of(result, /*short_numbers=*/false));
    cells.insert(cells.begin(), level);
  };
  for (const MethodResult& result : comparison) add("sequence", result);
  for (const MethodResult& mean : shown_means(comparison)) add("mean", mean);
  return csv_table(table);
}

std::string to_json(const Comparison& comparison) {
  ordered_json json;
  json["results"] = ordered_json::array();
  json["means"] = ordered_json::array();
  for (const MethodResult& result : comparison) json["results"].push_back(json_of(result));
  for (const MethodResult& mean : means_of(comparison)) json["means"].push_back(json_of(mean));
  return json_text(json);
}

std::string to_json(const MethodResult& result) { return json_text(json_of(result)); }

MethodResult method_result_from_json(const std::string& text) {
  try {
    const auto json = ordered_json::parse(text);
    MethodResult result;
    result.sequence = json.at("sequence");
    result.method = json.at("method");
    for (const auto& [name, value] : kMeasures) result.measures.*value = json.at(name);
    result.frames_per_second = json.at("frames_per_second");
    if (json.contains("training_seconds")) result.training_seconds = json["training_seconds"];
    return result;
  } catch (const nlohmann::json::exception& error) {
    throw InputError(fmt::format("no result of a method: {}", error.what()));
  }
}

}  // namespace proxseg
