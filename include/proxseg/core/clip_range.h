// A range of a clip, by frames or by time.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

namespace proxseg {

struct ClipPosition {
  int64_t frame = 0;              // from 1
  std::optional<double> seconds;  // instead of a frame; from 0
};

struct ClipRange {
  // Both are included if they are frames; a time as `last` is not.
  std::optional<ClipPosition> first, last;
};

// Reads "FIRST:LAST", or "FIRST-LAST" where there is a '-'; either part may be empty, and "" is all.
// A part that ends in 's' or has a ':' in it is a time ("12.5s", "MM:SS", "HH:MM:SS", with decimals),
// else a frame, counted from 1. So "1:30" is the frames 1 to 30, and "1:30-" begins after a minute
// and a half. Throws InputError naming the text and what is wrong with it.
ClipRange parse_clip_range(const std::string& text);

// The same error, for a range that turns out to be wrong only when the clip is known.
[[noreturn]] void refuse_range(const std::string& range, const std::string& reason);

}  // namespace proxseg
