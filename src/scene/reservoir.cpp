#include "proxseg/scene/reservoir.h"

#include <fmt/format.h>

#include "proxseg/core/error.h"

namespace proxseg {

FrameReservoir::FrameReservoir(int64_t capacity) : capacity_(capacity) {
  if (capacity < 1) throw UsageError(fmt::format("capacity = {}: must be >= 1", capacity));
}

int64_t FrameReservoir::spacing(int64_t frames, int64_t capacity) {
  int64_t spacing = 1;
  while ((frames + spacing - 1) / spacing > capacity) spacing *= 2;
  return spacing;
}

void FrameReservoir::add(Frame frame) {
  const int64_t position = seen_++;
  if (position % spacing_ != 0) return;
  if (static_cast<int64_t>(frames_.size()) == capacity_) {
    std::vector<Frame> kept;
    for (size_t i = 0; i < frames_.size(); i += 2) kept.push_back(std::move(frames_[i]));
    frames_ = std::move(kept);
    spacing_ *= 2;
    if (position % spacing_ != 0 || static_cast<int64_t>(frames_.size()) == capacity_) return;
  }
  frames_.push_back(std::move(frame));
}

}  // namespace proxseg
