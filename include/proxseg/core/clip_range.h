// A part of a clip, by frames or by time.
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
  std::optional<ClipPosition> first, last;  // both included; a time as the last one is not
};

// Reads "FIRST:LAST", either of which may be empty: frames, counted from 1, or seconds, "12.5s".
// With
// '-' instead of ':' also "MM:SS" and "HH:MM:SS", with decimals. "" is all. Throws InputError
// naming the text and what is wrong with it.
ClipRange parse_clip_range(const std::string& text);

// For what turns out to be wrong with the range only when the clip is known.
[[noreturn]] void refuse_range(const std::string& range, const std::string& reason);

}  // namespace proxseg
