// Looking fields up, what they accept, and reading their values.
#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <nlohmann/json.hpp>
#include <optional>
#include <utility>

#include "proxseg/core/text.h"
#include "proxseg/recipe/fields.h"

namespace proxseg {
namespace {

// " in [1, 512]", " >= 1" or nothing.
std::string describe(const Bounds& bounds) {
  const bool below = std::isfinite(bounds.min), above = std::isfinite(bounds.max);
  if (below && above) {
    return fmt::format(" in {}{}, {}{}", bounds.min_open ? '(' : '[', bounds.min, bounds.max,
                       bounds.max_open ? ')' : ']');
  }
  if (below) return fmt::format(" {} {}", bounds.min_open ? ">" : ">=", bounds.min);
  if (above) return fmt::format(" {} {}", bounds.max_open ? "<" : "<=", bounds.max);
  return {};
}

bool lies_in(const Bounds& bounds, double x) {
  return std::isfinite(x) && (bounds.min_open ? x > bounds.min : x >= bounds.min) &&
         (bounds.max_open ? x < bounds.max : x <= bounds.max);
}

bool accepts(const Field& field, const FieldValue& value) {
  switch (field.type) {
    case FieldType::kBool:
      return true;
    case FieldType::kInteger:
      return lies_in(field.bounds, static_cast<double>(std::get<int64_t>(value)));
    case FieldType::kReal:
      return lies_in(field.bounds, std::get<double>(value));
    case FieldType::kChoice:
      return std::ranges::find(field.choices, std::get<std::string>(value)) != field.choices.end();
    case FieldType::kText:
      return is_utf8(std::get<std::string>(value));
  }
  return false;
}

using nlohmann::json;

// What JSON holds, in the type of the field; nothing where the types differ.
std::optional<FieldValue> convert(const Field& field, const json& found) {
  switch (field.type) {
    case FieldType::kBool:
      if (found.is_boolean()) return found.get<bool>();
      break;
    case FieldType::kInteger:
      if (found.is_number_unsigned() &&
          found.get<uint64_t>() > static_cast<uint64_t>(std::numeric_limits<int64_t>::max())) {
        break;
      }
      if (found.is_number_integer()) return found.get<int64_t>();
      break;
    case FieldType::kReal:
      if (found.is_number()) return found.get<double>();
      break;
    case FieldType::kChoice:
    case FieldType::kText:
      if (found.is_string()) return found.get<std::string>();
      break;
  }
  return std::nullopt;
}

std::optional<FieldValue> convert(const Field& field, const std::string& text) {
  switch (field.type) {
    case FieldType::kBool:
      if (text == "true" || text == "false") return text == "true";
      return std::nullopt;
    case FieldType::kInteger:
      return parse_number<int64_t>(text);
    case FieldType::kReal:
      return parse_number<double>(text);
    case FieldType::kChoice:
    case FieldType::kText:
      return text;
  }
  return std::nullopt;
}

ReadValue judge(const Field& field, std::optional<FieldValue> value, const std::string& found) {
  if (value && violation(field, *value).empty()) return {std::move(*value), ""};
  std::string meant;
  if (value && field.type == FieldType::kChoice) {
    meant = did_you_mean(nearest(std::get<std::string>(*value), field.choices));
  }
  return {{}, fmt::format("expected {}, found {}{}", expectation(field), found, meant)};
}

}  // namespace

const std::vector<Section>& recipe_sections() {
  static const std::vector<Section> sections = {
      {"", "The run as a whole."},
      {"input", "Which frames are read, and how."},
      {"background", "The reference background B: what the scene looks like without objects."},
      {"model", "The form of the foreground and the U-Net."},
      {"loss",
       "The priors. Loss = nuclear.weight * penalty(L) + lambda0 * sum of the other priors' "
       "weight * value, with lambda0 = 1/sqrt(max(N, P)), N frames of P = pixels x channels. Only "
       "ratios of weights matter."},
      {"train", "Steps, batches, optimiser and schedule."},
      {"mask", "From the network's output to a binary mask."},
      {"infer", "How a trained network is applied."}};
  return sections;
}

const Field* find_field(std::string_view key) {
  const auto& table = recipe_fields();
  const auto found =
      std::find_if(table.begin(), table.end(), [&](const Field& f) { return f.key == key; });
  return found == table.end() ? nullptr : &*found;
}

std::string expectation(const Field& field) {
  switch (field.type) {
    case FieldType::kBool:
      return "true or false";
    case FieldType::kInteger:
      return "an integer" + describe(field.bounds);
    case FieldType::kReal:
      return "a number" + describe(field.bounds);
    case FieldType::kChoice:
      return fmt::format("one of {}", fmt::join(field.choices, ", "));
    case FieldType::kText:
      return "UTF-8 text";
  }
  return {};
}

std::string violation(const Field& field, const FieldValue& value) {
  return accepts(field, value) ? std::string() : expectation(field);
}

std::string to_text(const FieldValue& value) {
  return std::visit([](const auto& held) { return fmt::format("{}", held); }, value);
}

nlohmann::ordered_json value_as_json(const FieldValue& value) {
  return std::visit([](const auto& held) { return nlohmann::ordered_json(held); }, value);
}

std::vector<FieldDifference> differences_between(const Recipe& from, const Recipe& to) {
  std::vector<FieldDifference> found;
  for (const Field& field : recipe_fields()) {
    FieldDifference difference{field.key, field.get(from), field.get(to)};
    if (difference.from != difference.to) found.push_back(std::move(difference));
  }
  return found;
}

std::string describe_found(const json& found) {
  if (found.is_object()) return "an object";
  if (found.is_array()) return "an array";
  return found.is_string() ? in_quotes(found.get<std::string>()) : json_line(found);
}

ReadValue read_value(const Field& field, const json& found) {
  return judge(field, convert(field, found), describe_found(found));
}

ReadValue read_value(const Field& field, const std::string& text) {
  return judge(field, convert(field, text), in_quotes(text));
}

}  // namespace proxseg
