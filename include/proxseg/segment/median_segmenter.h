// Frames against their temporal median: the simplest method, and a strong one.
#pragma once

#include <cstdint>

#include "proxseg/segment/segmenter.h"

namespace proxseg {

// Mask: |D - B|, the largest over channels, above 30 of 255, then a 5 x 5 median filter. The soft
// mask is that difference over 255, the foreground |D - B| inside the mask.
class MedianSegmenter final : public Segmenter {
 public:
  // frames: as many at most enter the median. >= 1.
  explicit MedianSegmenter(int64_t frames) : frames_(frames) {}

  void begin(const SequenceInfo& sequence) override;
  std::vector<Segmentation> segment(const std::vector<cv::Mat>& frames,
                                    const std::set<Product>& products) override;

  cv::Mat background() const override { return background_; }
  int64_t wanted_head() const override { return frames_; }

 private:
  Segmentation compare(const cv::Mat& frame) const;

  int64_t frames_;
  cv::Mat background_;  // B
  cv::Mat roi_;         // as in SequenceInfo
};

}  // namespace proxseg
