// Where a field sits in nested JSON, and its value there.
#pragma once

#include <nlohmann/json.hpp>
#include <string>

#include "proxseg/recipe/fields.h"

namespace proxseg {

// "loss.l1.weight" as the JSON pointer "/loss/l1/weight"; `between` stands before each part, as in
// "/properties/loss/properties/l1/properties/weight".
nlohmann::ordered_json::json_pointer pointer_to(const std::string& key,
                                                const std::string& between = "");

nlohmann::ordered_json as_json(const FieldValue& value);

}  // namespace proxseg
