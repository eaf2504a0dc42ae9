#include "problem_list.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "proxseg/core/error.h"

namespace proxseg {

void throw_if_any(const std::vector<std::string>& problems) {
  if (problems.empty()) return;
  const std::string remedy = "'proxseg config reference' explains every key.";
  if (problems.size() == 1) throw ConfigError(problems.front(), remedy);
  throw ConfigError(
      fmt::format("{} problems in the recipe:\n  {}", problems.size(), fmt::join(problems, "\n  ")),
      remedy);
}

}  // namespace proxseg
