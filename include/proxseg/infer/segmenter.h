// A trained network applied to frames.
#pragma once

#include <torch/types.h>

#include <opencv2/core.hpp>
#include <vector>

#include "proxseg/model/model.h"

namespace proxseg {

struct Segmentation {
  cv::Mat mask;  // 8UC1, 0 or 255: thresholded and cleaned up
  cv::Mat soft;  // 32FC1: M in [0, 1] (masked form) or the largest |S| over channels (signed form)
  cv::Mat background;  // L: 8UC1 or 8UC3
  cv::Mat foreground;  // |S|: 8UC1 or 8UC3
};

class Segmenter {
 public:
  explicit Segmenter(Model model);

  // The sequence to segment from now on.
  // background: its reference background, 8-bit grey or BGR, of the frames' size.
  // roi: 8UC1 of the same size, 0 outside the region of interest; may be empty.
  void set_scene(const cv::Mat& background, const cv::Mat& roi = {});

  // frames: 8UC1 or 8UC3, all of the background's size. Results have that size.
  // The network works at recipe.input.scale; its output is interpolated, then the frames are
  // decomposed at full size. Throws UsageError for frames of another size.
  std::vector<Segmentation> segment(const std::vector<cv::Mat>& frames);

  const Recipe& recipe() const { return model_.recipe; }

 private:
  cv::Mat to_model_channels(const cv::Mat& image) const;
  // At recipe.input.scale: [N, C, h, w] float32.
  torch::Tensor network_frames(const std::vector<cv::Mat>& images) const;

  Model model_;
  torch::Device device_;
  bool bfloat16_;
  torch::Tensor background_;          // [1, C, H, W] float32
  torch::Tensor network_background_;  // [1, C, h, w] float32
  torch::Tensor roi_;                 // [1, 1, H, W] float32 or undefined
};

}  // namespace proxseg
