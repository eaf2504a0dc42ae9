#include "media/selection.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <cmath>
#include <vector>

#include "proxseg/core/clip_range.h"
#include "proxseg/core/error.h"

namespace proxseg {
namespace {

constexpr double kRounding = 1e-6;

// How many frames come before that time.
int64_t frames_before(const std::string& range, double seconds, double fps) {
  if (!(fps > 0.0)) refuse_range(range, "it has times, but the input has no frame rate");
  return static_cast<int64_t>(std::ceil(seconds * fps - kRounding));
}

}  // namespace

bool FrameRange::contains(int64_t position, std::optional<double> seconds) const {
  const bool by_time = seconds && first_seconds;
  return (by_time ? *seconds >= *first_seconds - kRounding : position >= first) &&
         !is_before(position, seconds);
}

bool FrameRange::is_before(int64_t position, std::optional<double> seconds) const {
  if (seconds && last_seconds) return *seconds >= *last_seconds - kRounding;
  return last && position > *last;
}

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

FrameRange parse_range(const std::string& text, double fps) {
  const ClipRange clip = parse_clip_range(text);
  FrameRange range;
  if (clip.first) {
    const auto& [frame, seconds] = *clip.first;
    range.first_seconds = seconds;
    range.first = seconds ? frames_before(text, *seconds, fps) + 1 : frame;
  }
  if (clip.last) {
    const auto& [frame, seconds] = *clip.last;
    range.last_seconds = seconds;
    range.last = seconds ? frames_before(text, *seconds, fps) : frame;
    if (*range.last < range.first) refuse_range(text, "it ends before it starts");
  }
  return range;
}

int64_t selected_count(const FrameRange& range, int64_t every, int64_t count) {
  const int64_t last = std::min(range.last.value_or(count), count);
  return last < range.first ? 0 : (last - range.first) / every + 1;
}

}  // namespace proxseg
