// RUN/previews/NNNNNN.jpg: frame, background, soft mask and mask at step NNNNNN, for those who
// watch a run; the same for TensorBoard.
#pragma once

#include <chrono>
#include <filesystem>
#include <future>

#include "proxseg/train/evaluation.h"
#include "proxseg/train/run/tensorboard.h"

namespace proxseg {

class PreviewWriter {
 public:
  // Removes the previews of first_step and later. threshold: of the mask. tensorboard: outlives it.
  PreviewWriter(std::filesystem::path folder, int64_t first_step, double threshold,
                TensorBoardLog& tensorboard);

  // Some seconds have gone by since the last one, and it is written; at first at once. The seconds
  // double now and then, so that long runs don't fill the disk. Throws the OutputError of the last
  // one.
  bool is_due();

  // Draws and encodes on a thread of its own, after waiting for the one before.
  void write(Snapshot snapshot, int64_t step);

  // Waits for the last one. Throws its OutputError.
  void finish();

 private:
  using Clock = std::chrono::steady_clock;
  std::filesystem::path folder_;
  double threshold_;
  TensorBoardLog& tensorboard_;
  Clock::time_point next_{};
  std::chrono::seconds period_{5};
  int64_t written_ = 0;
  std::future<void> writing_;
};

}  // namespace proxseg
