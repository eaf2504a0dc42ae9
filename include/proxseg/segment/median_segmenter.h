// Frames against their temporal median: the simplest method, and a strong one.
#pragma once

#include <cstdint>

#include "proxseg/segment/segmenter.h"

namespace proxseg {

// Mask: max over channels of |D - B| > 30 (of 255), then a 5 x 5 median filter. Soft mask: that
// difference / 255. Foreground: |D - B| inside the mask.
class MedianSegmenter final : public Segmenter {
 public:
  // frames and period of options count. More frames take more memory: W x H x 3 bytes each.
  explicit MedianSegmenter(const BackgroundOptions& options);

  void begin(const SequenceInfo& sequence, const std::set<Product>& products) override;
  std::vector<Segmentation> segment(const std::vector<cv::Mat>& frames,
                                    const std::set<Product>& products) override;

  cv::Mat background() const override { return background_; }
  std::vector<Span> parts(const SequenceInfo& recording) const override {
    return parts_of(recording, options_);
  }
  int64_t wanted_head() const override { return options_.frames; }

 private:
  Segmentation compare(const cv::Mat& frame) const;

  BackgroundOptions options_;
  cv::Mat background_;  // B
  cv::Mat roi_;         // as in SequenceInfo
};

}  // namespace proxseg
