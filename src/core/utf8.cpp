#include "proxseg/core/utf8.h"

#include <nlohmann/json.hpp>

namespace proxseg {
using nlohmann::json;

bool is_utf8(std::string_view text) {
  try {
    (void)json(text).dump();
    return true;
  } catch (const json::type_error&) {
    return false;
  }
}

std::string in_quotes(std::string_view text) {
  constexpr size_t kLongest = 80;
  if (text.size() > kLongest) return in_quotes(std::string(text.substr(0, kLongest - 3)) + "...");
  return json(text).dump(-1, ' ', false, json::error_handler_t::replace);
}

}  // namespace proxseg
