// Which frames of a sequence are read.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <utility>

#include "proxseg/media/source_options.h"

namespace proxseg {

// Positions from 1, both ends included. Where the range was given in seconds, a frame's own time
// decides, if it has one; the positions are then those at the average frame rate.
struct FrameRange {
  int64_t first = 1;
  std::optional<int64_t> last{};
  std::optional<double> first_seconds{};
  std::optional<double> last_seconds{};  // not included

  bool contains(int64_t position, std::optional<double> seconds = std::nullopt) const;

  // A frame there is past the range, and so are all that follow.
  bool is_before(int64_t position, std::optional<double> seconds) const;

  // No frame after that position can lie in the range, whatever its time.
  bool ends_at(int64_t position) const { return last && !last_seconds && position >= *last; }
};

// Throws UsageError that lists each option out of range.
void check_source_options(const SourceOptions& options);

// Reads SourceOptions::range but for "roi". fps: of the input, 0 if it has none. Throws InputError
// naming the text.
FrameRange parse_range(const std::string& text, double fps);

// How many frames `every` keeps out of count positions in range.
int64_t selected_count(const FrameRange& range, int64_t every, int64_t count);

}  // namespace proxseg
