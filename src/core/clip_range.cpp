#include "proxseg/core/clip_range.h"

#include <fmt/format.h>

#include <string_view>

#include "proxseg/core/error.h"
#include "proxseg/core/text.h"

namespace proxseg {
namespace {

// The number that text is, if it lies in [0, 1e10).
template <typename Number>
std::optional<Number> parse_amount(std::string_view text) {
  const auto value = parse_number<Number>(text);
  return value && *value >= 0 && *value < Number(1e10) ? value : std::nullopt;
}

// Seconds of "12.5s", "1:30" and "0:01:30.5"; nothing for what is no time.
std::optional<double> parse_time(std::string_view text) {
  if (text.ends_with('s')) return parse_amount<double>(text.substr(0, text.size() - 1));
  if (text.find(':') == std::string_view::npos) return std::nullopt;
  double seconds = 0.0;
  for (int parts = 1;; ++parts) {
    const size_t colon = text.find(':');
    const auto part = parse_amount<double>(text.substr(0, colon));
    if (!part || parts > 3 || (parts > 1 && *part >= 60.0)) return std::nullopt;
    seconds = 60.0 * seconds + *part;
    if (colon == std::string_view::npos) return seconds;
    text.remove_prefix(colon + 1);
  }
}

std::optional<ClipPosition> parse_position(const std::string& range, std::string_view text) {
  if (text.empty()) return std::nullopt;
  if (const auto seconds = parse_time(text)) return ClipPosition{0, seconds};
  const auto frame = parse_amount<int64_t>(text);
  if (!frame) refuse_range(range, fmt::format("'{}' is not a frame position or a time", text));
  if (*frame < 1) refuse_range(range, "positions count from 1");
  return ClipPosition{*frame, std::nullopt};
}

bool is_backwards(const ClipPosition& first, const ClipPosition& last) {
  if (first.seconds && last.seconds) return *last.seconds <= *first.seconds;
  return !first.seconds && !last.seconds && last.frame < first.frame;
}

}  // namespace

void refuse_range(const std::string& range, const std::string& reason) {
  throw InputError(fmt::format("bad range '{}': {}", range, reason),
                   "Write FIRST:LAST, counted from 1, such as 1:300, 10: or :20; times, such as "
                   "12.5s:60s or 0:01:30-0:02:00; or roi.");
}

ClipRange parse_clip_range(const std::string& text) {
  if (text.empty()) return {};
  const char separator = text.find('-') == std::string::npos ? ':' : '-';
  const size_t at = text.find(separator);
  if (at == std::string::npos) refuse_range(text, "there is no ':' in it");
  if (separator == ':' && text.find(':', at + 1) != std::string::npos) {
    refuse_range(text, "it has more than one ':'; between times with colons stands a '-'");
  }
  const std::string_view whole(text);
  ClipRange range = {parse_position(text, whole.substr(0, at)),
                     parse_position(text, whole.substr(at + 1))};
  if (range.first && range.last && is_backwards(*range.first, *range.last)) {
    refuse_range(text, "it ends before it starts");
  }
  return range;
}

}  // namespace proxseg
