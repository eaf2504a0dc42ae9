// What the network sees of a frame, straight from its bytes.
#pragma once

#include <torch/types.h>

#include <opencv2/core.hpp>

#include "proxseg/scene/decomposition.h"
#include "proxseg/scene/options.h"
#include "proxseg/scene/scene_model.h"

namespace proxseg {

// network_input() of frames in the light of gains by exposure_gain(), on a CPU in one pass. bytes:
// [N, C, H, W] uint8. scene: not lit. gains: [N] float32. Returns float32 or bfloat16.
torch::Tensor network_input_of_bytes(Form form, const torch::Tensor& bytes,
                                     const SceneTensors& scene, const torch::Tensor& gains,
                                     torch::ScalarType type);

// Computes network_input() of one frame in one pass, pixel by pixel.
class NetworkInput {
 public:
  // scene: as for to_tensors(); its alignment plays no part.
  NetworkInput(Form form, const SceneModel& scene);

  // Of the network: C in the signed form, 2 C in the masked one, C = 1 or 3.
  int channels() const { return channels_; }

  // image: 8-bit, of the background's size and channels, in the light of gain by exposure_gain().
  // input: [H, W, channels()] float32 or bfloat16, contiguous.
  void write(const cv::Mat& image, double gain, const torch::Tensor& input) const;

 private:
  template <typename Value>
  void write_rows(const cv::Mat& image, float gain, Value* input) const;

  Form form_;
  int channels_;
  cv::Mat background_;  // 32F, in [0, 1]
  cv::Mat unit_;        // 1 / scale in each channel, 1 everywhere where the scene has no scale
};

}  // namespace proxseg
