// A field's value from JSON or from the text of --set.
#pragma once

#include <nlohmann/json_fwd.hpp>
#include <string>

#include "proxseg/recipe/fields.h"

namespace proxseg {

// problem is empty, or says what was found and what is expected; value holds nothing useful then.
struct ReadValue {
  FieldValue value;
  std::string problem;
};

ReadValue read_value(const Field& field, const nlohmann::json& found);
ReadValue read_value(const Field& field, const std::string& text);

// "an object", "\"text\"", "3.5": what a message says was found.
std::string describe_found(const nlohmann::json& found);

}  // namespace proxseg
