#include "selection.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <charconv>
#include <cmath>
#include <string_view>
#include <vector>

#include "proxseg/core/error.h"

namespace proxseg {
namespace {

[[noreturn]] void refuse(const std::string& range, std::string_view reason) {
  throw InputError(fmt::format("bad range '{}': {}", range, reason),
                   "Write FIRST:LAST, counted from 1, such as 1:300, 10: or :20; times, such as "
                   "12.5s:60s or 0:01:30-0:02:00; or roi.");
}

// The whole of text as a number, not negative.
template <typename Number>
std::optional<Number> parse_number(std::string_view text) {
  Number value{};
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  const bool whole = error == std::errc{} && end == text.data() + text.size();
  return whole && value >= 0 && value < Number(1e12) ? std::optional(value) : std::nullopt;
}

// Seconds of "12.5s", "1:30" and "0:01:30.5"; nothing for what is no time.
std::optional<double> parse_time(std::string_view text) {
  if (text.ends_with('s')) return parse_number<double>(text.substr(0, text.size() - 1));
  if (text.find(':') == std::string_view::npos) return std::nullopt;
  double seconds = 0.0;
  for (int parts = 1;; ++parts) {
    const size_t colon = text.find(':');
    const auto part = parse_number<double>(text.substr(0, colon));
    if (!part || parts > 3 || (parts > 1 && *part >= 60.0)) return std::nullopt;
    seconds = 60.0 * seconds + *part;
    if (colon == std::string_view::npos) return seconds;
    text.remove_prefix(colon + 1);
  }
}

// How many frames begin before that time.
int64_t frames_before(const std::string& range, double seconds, double fps) {
  if (!(fps > 0.0)) refuse(range, "it has times, but the input has no frame rate");
  constexpr double kRounding = 1e-6;
  return static_cast<int64_t>(std::ceil(seconds * fps - kRounding));
}

int64_t parse_position(const std::string& range, std::string_view text) {
  const auto value = parse_number<int64_t>(text);
  if (!value) refuse(range, fmt::format("'{}' is not a frame position or a time", text));
  if (*value < 1) refuse(range, "positions count from 1");
  return *value;
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

Range parse_range(const std::string& text, double fps) {
  if (text.empty()) return {};
  const char separator = text.find('-') == std::string::npos ? ':' : '-';
  const size_t at = text.find(separator);
  if (at == std::string::npos) refuse(text, "there is no ':' in it");
  const std::string_view first = std::string_view(text).substr(0, at);
  const std::string_view last = std::string_view(text).substr(at + 1);
  Range range;
  if (const auto time = parse_time(first)) {
    range.first = frames_before(text, *time, fps) + 1;
  } else if (!first.empty()) {
    range.first = parse_position(text, first);
  }
  if (const auto time = parse_time(last)) {
    range.last = frames_before(text, *time, fps);
  } else if (!last.empty()) {
    range.last = parse_position(text, last);
  }
  if (range.last && *range.last < range.first) refuse(text, "it ends before it starts");
  return range;
}

int64_t selected_count(const Range& range, int64_t every, int64_t count) {
  const int64_t last = std::min(range.last.value_or(count), count);
  return last < range.first ? 0 : (last - range.first) / every + 1;
}

}  // namespace proxseg
