#include "proxseg/recipe/read_value.h"

#include <fmt/format.h>

#include <limits>
#include <nlohmann/json.hpp>
#include <optional>
#include <utility>

#include "proxseg/core/text.h"
#include "proxseg/recipe/suggest.h"

namespace proxseg {
namespace {

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
