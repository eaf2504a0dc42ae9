// Which frames of a sequence are read.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <utility>

#include "proxseg/media/source_options.h"

namespace proxseg {

// Positions from 1, both ends included.
struct FrameRange {
  int64_t first = 1;
  std::optional<int64_t> last;

  bool contains(int64_t value) const { return value >= first && (!last || value <= *last); }
};

// Throws UsageError that lists each option out of range.
void check_source_options(const SourceOptions& options);

// Reads SourceOptions::range but for "roi". fps: of the input, 0 if it has none. Throws InputError
// naming the text.
FrameRange parse_range(const std::string& text, double fps);

// How many frames `every` keeps out of count positions in range.
int64_t selected_count(const FrameRange& range, int64_t every, int64_t count);

}  // namespace proxseg
