// How the processes share a batch: each has some of its frames, and some rows of all of them.
#pragma once

#include <torch/types.h>

#include "core/ranges.h"
#include "proxseg/train/parallel/process_group.h"

namespace proxseg {

class BatchPartition {
 public:
  // Of a batch of `frames` frames of `height` rows, as equal as can be; one process has it all.
  BatchPartition(const ProcessGroup& processes, int64_t frames, int64_t height)
      : processes_(processes), total_frames_(frames), height_(height) {}

  Range frames() const { return frames_of(processes_.rank()); }
  Range rows() const { return rows_of(processes_.rank()); }

  // From x of this process's frames to x of its rows: [own frames, C, H, W] to [N, C, own rows, W],
  torch::Tensor to_rows(const torch::Tensor& x) const;
  // and back. All processes call them together.
  torch::Tensor to_frames(const torch::Tensor& x) const;

 private:
  Range frames_of(int64_t rank) const { return part_of(total_frames_, rank); }
  Range rows_of(int64_t rank) const { return part_of(height_, rank); }
  Range part_of(int64_t size, int64_t rank) const;

  ProcessGroup processes_;
  int64_t total_frames_, height_;
};

}  // namespace proxseg
