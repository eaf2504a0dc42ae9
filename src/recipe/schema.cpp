#include <cmath>
#include <nlohmann/json.hpp>

#include "proxseg/core/text.h"
#include "proxseg/recipe/fields.h"
#include "proxseg/recipe/write.h"
#include "recipe/nested.h"

namespace proxseg {
namespace {

using nlohmann::ordered_json;

const char* type_name(FieldType type) {
  switch (type) {
    case FieldType::kBool:
      return "boolean";
    case FieldType::kInteger:
      return "integer";
    case FieldType::kReal:
      return "number";
    case FieldType::kChoice:
    case FieldType::kText:
      return "string";
  }
  return "";
}

ordered_json bound(const Field& field, double value) {
  if (field.type == FieldType::kInteger) return static_cast<int64_t>(value);
  return value;
}

ordered_json schema_of(const Field& field) {
  ordered_json schema = {{"type", type_name(field.type)}, {"description", field.help}};
  schema["default"] = as_json(field.get(Recipe{}));
  const Bounds& bounds = field.bounds;
  if (std::isfinite(bounds.min)) {
    schema[bounds.min_open ? "exclusiveMinimum" : "minimum"] = bound(field, bounds.min);
  }
  if (std::isfinite(bounds.max)) {
    schema[bounds.max_open ? "exclusiveMaximum" : "maximum"] = bound(field, bounds.max);
  }
  if (!field.choices.empty()) schema["enum"] = field.choices;
  return schema;
}

// An object that takes no key but its properties, which follow later.
ordered_json closed_object() { return {{"type", "object"}, {"additionalProperties", false}}; }

}  // namespace

std::string json_schema() {
  ordered_json schema = {{"$schema", "https://json-schema.org/draft/2020-12/schema"},
                         {"title", "proxseg recipe"}};
  schema.update(closed_object());
  schema["properties"]["$schema"] = {{"type", "string"}};
  schema["properties"]["extends"] = {
      {"type", "string"},
      {"description", "A built-in recipe, or the path of one relative to this file, to build on."}};
  for (const Field& field : recipe_fields()) {
    for (size_t dot = field.key.find('.'); dot != std::string::npos;
         dot = field.key.find('.', dot + 1)) {
      ordered_json& section = schema[pointer_to(field.key.substr(0, dot), "/properties")];
      if (section.is_null()) section = closed_object();
    }
    schema[pointer_to(field.key, "/properties")] = schema_of(field);
  }
  for (const Section& section : recipe_sections()) {
    if (section.name.empty()) continue;
    schema["properties"][section.name]["description"] = section.help;
  }
  return json_text(schema);
}

}  // namespace proxseg
