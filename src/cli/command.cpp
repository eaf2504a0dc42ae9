#include "cli/command.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "proxseg/core/error.h"

namespace proxseg::cli {

void expect_given(const std::string& command, const std::vector<Needed>& needed,
                  const std::string& instead) {
  std::vector<std::string> missing;
  for (const Needed& one : needed) {
    if (!one.is_given) missing.emplace_back(one.word);
  }
  if (missing.empty()) return;
  const std::string words = fmt::format("{}", fmt::join(missing, " and "));
  const std::string text = missing.size() == needed.size()
                               ? fmt::format("{} needs {}, or {}", command, words, instead)
                               : words + " is missing";
  throw UsageError(text, fmt::format("See proxseg {} --help.", command));
}

}  // namespace proxseg::cli
