// Robust PCA on some frames of a sequence; the others are projected onto the background it finds.
#pragma once

#include <torch/types.h>

#include "proxseg/recipe/recipe.h"
#include "proxseg/scene/decomposition.h"
#include "proxseg/segment/segmenter.h"

namespace proxseg {

class RpcaSegmenter final : public Segmenter {
 public:
  explicit RpcaSegmenter(const Recipe& recipe);

  // Solves on recipe.train.batch frames spread evenly over the sequence, at recipe.input.scale (0:
  // at most recipe.input.pixels a frame) and grey if recipe.input.gray is set. Logs how the solver ended.
  void begin(const SequenceInfo& sequence, const std::set<Product>& products) override;

  // S is what the background's subspace cannot explain, interpolated to full size; the mask follows
  // from it as in the network's signed form.
  std::vector<Segmentation> segment(const std::vector<cv::Mat>& frames,
                                    const std::set<Product>& products) override;

  // The mean of the frames' low-rank backgrounds, at full size.
  cv::Mat background() const override { return background_; }

  int64_t wanted_head() const override { return recipe_.train.batch; }

 private:
  std::vector<cv::Mat> training_images(const SequenceInfo& sequence) const;

  Recipe recipe_;
  cv::Size size_;         // of the frames
  cv::Size scaled_size_;  // of those that are solved for
  cv::Mat background_;
  torch::Tensor basis_;  // [P, r] of the background
  SceneTensors scene_;   // its region of interest alone
};

}  // namespace proxseg
