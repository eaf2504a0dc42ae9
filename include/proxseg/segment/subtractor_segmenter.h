// OpenCV's background subtractors, which follow a sequence frame by frame.
#pragma once

#include <cstdint>
#include <functional>
#include <opencv2/video/background_segm.hpp>

#include "proxseg/segment/segmenter.h"

namespace proxseg {

struct Subtractor {
  std::function<cv::Ptr<cv::BackgroundSubtractor>()> create;
  bool has_background = true;  // getBackgroundImage() is implemented
  bool has_races = false;      // two runs differ on more than one thread
};

// The subtractor's own mask without its shadows (127), not cleaned up. Soft mask: the mask as 0 and
// 1. Foreground: |D - L| inside the mask. Where the subtractor shows no background, L is each
// pixel's last value that was not foreground.
class SubtractorSegmenter final : public Segmenter {
 public:
  // seed: for subtractors that draw random samples. Sets OpenCV's generator of this thread.
  SubtractorSegmenter(Subtractor subtractor, uint64_t seed);

  void begin(const SequenceInfo& sequence, const std::set<Product>& products) override;
  std::vector<Segmentation> segment(const std::vector<cv::Mat>& frames,
                                    const std::set<Product>& products) override;
  cv::Mat background() const override;
  bool needs_every_frame() const override { return true; }

 private:
  cv::Mat mask_of(const cv::Mat& frame);

  Subtractor subtractor_;
  uint64_t seed_;
  cv::Ptr<cv::BackgroundSubtractor> model_;
  cv::Size size_;
  cv::Mat roi_;        // as in SequenceInfo
  cv::Mat last_seen_;  // of each pixel, while it was not foreground
};

}  // namespace proxseg
