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

std::vector<MethodResult> shown_means(const Comparison& comparison) {
  const bool has_several =
      std::any_of(comparison.begin(), comparison.end(),
                  [&](const MethodResult& r) { return r.sequence != comparison.front().sequence; });
  return has_several ? means_of(comparison) : std::vector<MethodResult>{};
}

// A header and rows for people.
std::vector<Cells> table_of(const Comparison& comparison) {
  std::vector<Cells> table = {{"sequence", "method", "F", "Pr", "Re", "frames/s", "training"}};
  const auto add = [&](const MethodResult& r) {
    const Measures& m = r.measures;
    table.push_back({r.sequence, r.method, fmt::format("{:.4f}", m.f_measure),
                     fmt::format("{:.4f}", m.precision), fmt::format("{:.4f}", m.recall),
                     fmt::format("{:.1f}", r.frames_per_second),
                     r.training_seconds ? fmt::format("{:.1f} s", *r.training_seconds) : ""});
  };
  for (const MethodResult& result : comparison) add(result);
  for (const MethodResult& mean : shown_means(comparison)) add(mean);
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

std::string to_text(const Comparison& comparison) {
  return text_table(table_of(comparison), kLabels);
}

std::string to_markdown(const Comparison& comparison) {
  return markdown_table(table_of(comparison), kLabels);
}

std::string to_csv(const Comparison& comparison) {
  std::vector<Cells> table = {
      {"level", "sequence", "method", "F", "Pr", "Re", "frames_per_second", "training_seconds"}};
  const auto add = [&](const char* level, const MethodResult& r) {
    const auto format = [](double value) { return fmt::format("{}", value); };
    table.push_back({level, r.sequence, r.method, format(r.measures.f_measure),
                     format(r.measures.precision), format(r.measures.recall),
                     format(r.frames_per_second),
                     r.training_seconds ? format(*r.training_seconds) : ""});
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
