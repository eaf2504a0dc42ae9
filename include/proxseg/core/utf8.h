// Text from outside: whether it is UTF-8, and how to show it in a message.
#pragma once

#include <string>
#include <string_view>

namespace proxseg {

bool is_utf8(std::string_view text);

// In double quotes with control characters escaped and broken UTF-8 replaced, cut short where long.
std::string in_quotes(std::string_view text);

}  // namespace proxseg
