// Frames that are in memory already, as a source.
#pragma once

#include <cstddef>
#include <string>
#include <vector>

#include "proxseg/media/source.h"

namespace proxseg {

class MemorySource final : public FrameSource {
 public:
  // info() is as given but for the number, the size and the channels of the frames. Pixels are
  // shared, not copied.
  explicit MemorySource(std::vector<Frame> frames, SequenceInfo info = {});

  // Named frame000001, frame000002, ...
  explicit MemorySource(const std::vector<cv::Mat>& images, SequenceInfo info = {});

  const SequenceInfo& info() const override { return info_; }
  std::optional<Frame> next() override;
  const std::vector<std::string>& skipped() const override { return skipped_; }

  size_t given() const { return position_; }  // frames so far

 private:
  std::vector<Frame> frames_;
  SequenceInfo info_;
  size_t position_ = 0;
  std::vector<std::string> skipped_;  // always empty
};

}  // namespace proxseg
