#include "proxseg/recipe/problem_list.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "proxseg/core/error.h"

namespace proxseg {

void throw_if_any(const std::vector<std::string>& problems, const std::string& what) {
  if (problems.empty()) return;
  const std::string remedy = "'proxseg config reference' explains every key.";
  if (problems.size() == 1) throw ConfigError(problems.front(), remedy);
  throw ConfigError(fmt::format("{} problems in the {}:\n  {}", problems.size(), what,
                                fmt::join(problems, "\n  ")),
                    remedy);
}

}  // namespace proxseg
