#include "proxseg/recipe/write.h"

#include <nlohmann/json.hpp>

#include "proxseg/core/text.h"
#include "proxseg/recipe/fields.h"
#include "recipe/nested.h"

namespace proxseg {
using nlohmann::ordered_json;

ordered_json::json_pointer pointer_to(const std::string& key, const std::string& between) {
  std::string path = between + "/";
  for (const char c : key) path += c == '.' ? between + "/" : std::string(1, c);
  return ordered_json::json_pointer(path);
}

ordered_json as_json(const FieldValue& value) {
  return std::visit([](const auto& held) { return ordered_json(held); }, value);
}

std::string to_json(const Recipe& recipe) {
  ordered_json tree;
  for (const Field& field : recipe_fields()) {
    tree[pointer_to(field.key)] = as_json(field.get(recipe));
  }
  return json_text(tree);
}

}  // namespace proxseg
