// A bounded, evenly spread selection of the frames of a stream of unknown length.
#pragma once

#include <cstdint>
#include <vector>

#include "proxseg/media/source.h"

namespace proxseg {

// Keeps every k-th frame, k = 1 at first. When it is full and another frame is due, it drops every
// second one and doubles k. So between capacity/2 and capacity frames of a long stream remain,
// equally spaced.
class FrameReservoir {
 public:
  // capacity >= 1, else UsageError.
  explicit FrameReservoir(int64_t capacity);

  // k at the end of a stream of so many frames.
  static int64_t spacing(int64_t frames, int64_t capacity);

  void add(Frame frame);

  const std::vector<Frame>& frames() const { return frames_; }
  std::vector<Frame> take() && { return std::move(frames_); }

 private:
  int64_t capacity_;
  int64_t spacing_ = 1;
  int64_t seen_ = 0;
  std::vector<Frame> frames_;
};

}  // namespace proxseg
