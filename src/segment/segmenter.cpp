#include "proxseg/segment/segmenter.h"

#include <fmt/format.h>

#include "proxseg/core/error.h"

namespace proxseg {

void expect_frames(const std::vector<cv::Mat>& frames, cv::Size size) {
  if (size.empty()) throw UsageError("segment: begin() comes first");
  for (const cv::Mat& frame : frames) {
    if (frame.size() == size) continue;
    throw UsageError(fmt::format("segment: a frame is {} x {}, the sequence {} x {}", frame.cols,
                                 frame.rows, size.width, size.height));
  }
}

}  // namespace proxseg
