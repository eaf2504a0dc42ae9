// One way to report any number of problems.
#pragma once

#include <string>
#include <vector>

namespace proxseg {

// Throws ConfigError that lists the problems, unless there are none. what: "recipe", "sweep".
void throw_if_any(const std::vector<std::string>& problems, const std::string& what);

}  // namespace proxseg
