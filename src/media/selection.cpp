#include "selection.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <charconv>
#include <string_view>
#include <vector>

#include "proxseg/core/error.h"

namespace proxseg {
namespace {

[[noreturn]] void refuse(const std::string& range, std::string_view reason) {
  throw InputError(fmt::format("bad range '{}': {}", range, reason),
                   "Write FIRST:LAST, counted from 1, such as 1:300, 10: or :20; or roi.");
}

int64_t parse_position(const std::string& range, std::string_view text) {
  int64_t value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc{} || end != text.data() + text.size()) {
    refuse(range, fmt::format("'{}' is not a frame position", text));
  }
  if (value < 1) refuse(range, "positions count from 1");
  return value;
}

}  // namespace

void check_source_options(const SourceOptions& options) {
  std::vector<std::string> problems;
  if (options.every < 1) {
    problems.push_back(fmt::format("every is {} but must be at least 1", options.every));
  }
  if (!(options.scale >= 0.0 && options.scale <= 1.0)) {
    problems.push_back(fmt::format("scale is {} but must be in [0, 1]", options.scale));
  }
  if (!problems.empty()) throw UsageError(fmt::format("{}", fmt::join(problems, "; ")));
}

Range parse_range(const std::string& text) {
  if (text.empty()) return {};
  const size_t colon = text.find(':');
  if (colon == std::string::npos) refuse(text, "there is no ':' in it");
  const std::string_view first = std::string_view(text).substr(0, colon);
  const std::string_view last = std::string_view(text).substr(colon + 1);
  Range range;
  if (!first.empty()) range.first = parse_position(text, first);
  if (!last.empty()) range.last = parse_position(text, last);
  if (range.last && *range.last < range.first) refuse(text, "it ends before it starts");
  return range;
}

int64_t selected_count(const Range& range, int64_t every, int64_t count) {
  const int64_t last = std::min(range.last.value_or(count), count);
  return last < range.first ? 0 : (last - range.first) / every + 1;
}

}  // namespace proxseg
