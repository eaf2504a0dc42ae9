// How the processes share a batch: each has some of its frames, and some rows of all of them.
#pragma once

#include <torch/types.h>

#include "proxseg/distributed/process_group.h"

namespace proxseg {

struct Part {
  int64_t first, count;
};

class Share {
 public:
  // Of a batch of `frames` frames of `height` rows, as equal as can be; one process has it all.
  Share(const ProcessGroup& processes, int64_t frames, int64_t height)
      : processes_(processes), total_frames_(frames), height_(height) {}

  Part frames() const { return frames_of(processes_.rank()); }
  Part rows() const { return rows_of(processes_.rank()); }

  // From x of this process's frames to x of its rows: [own frames, C, H, W] to [N, C, own rows, W],
  torch::Tensor to_rows(const torch::Tensor& x) const;
  // and back. All processes call them together.
  torch::Tensor to_frames(const torch::Tensor& x) const;

 private:
  Part frames_of(int64_t rank) const { return part_of(total_frames_, rank); }
  Part rows_of(int64_t rank) const { return part_of(height_, rank); }
  Part part_of(int64_t size, int64_t rank) const;

  ProcessGroup processes_;
  int64_t total_frames_, height_;
};

}  // namespace proxseg
