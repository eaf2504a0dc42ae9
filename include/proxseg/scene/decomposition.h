// D = L + S: how the network's output becomes background, foreground and mask.
#pragma once

#include <torch/types.h>

#include "proxseg/nn/unet_options.h"
#include "proxseg/scene/options.h"
#include "proxseg/scene/scene_model.h"

namespace proxseg {

// options with the channels in and out, and the output's bias, that the form asks for.
// frame_channels: channels C of the frames.
UNetOptions network_options(Form form, UNetOptions options, int64_t frame_channels);

// A scene as the network and the loss see it.
struct SceneTensors {
  torch::Tensor
      background;  // B: [1, C, H, W] float32 in [0, 1]; of N frames by lit(): [N, C, H, W]
  // Unit of differences from the background: [1, 1, H, W] float32; undefined means 1 everywhere.
  torch::Tensor scale;
  torch::Tensor roi;  // [1, 1, H, W] float32, 0 outside the region of interest; undefined: all in
};

// The scene with `change` made to each plane that it has.
template <typename Change>
SceneTensors changed(SceneTensors scene, const Change& change) {
  for (torch::Tensor* plane : {&scene.background, &scene.scale, &scene.roi}) {
    if (plane->defined()) *plane = change(*plane);
  }
  return scene;
}

// roi: 8UC1, 0 outside, or empty.
SceneTensors to_tensors(const SceneModel& scene, const cv::Mat& roi,
                        torch::Device device = torch::kCPU);

// The scene in the light of N frames: its background times their gains, at most 1. gains: [N]
// float32, as exposure_gain() gives them.
SceneTensors lit(const SceneTensors& scene, const torch::Tensor& gains);

// Differences in units of the scene's scale are clamped to this.
constexpr double kMostDifference = 4.0;

// What the network sees. frames: [N, C, H, W] float32 in [0, 1].
// signed: the frames alone. masked: cat(D, (D - B) / scale), the latter clamped to [-4, 4].
torch::Tensor network_input(Form form, const torch::Tensor& frames, const SceneTensors& scene);

// M in [0, 1], [N, 1, H, W]: sigmoid(output) in the masked form, the largest |output| over channels
// in the signed form; 0 outside the region of interest. output: [N, 1, H, W] (masked) or
// [N, C, H, W] (signed) float32.
torch::Tensor soft_mask(Form form, const torch::Tensor& output, const SceneTensors& scene);

struct Decomposition {
  torch::Tensor background;  // L: [N, C, H, W]
  torch::Tensor foreground;  // S = D - L: [N, C, H, W]
  torch::Tensor mask;        // M in [0, 1]: [N, 1, H, W]
  torch::Tensor scale;       // of the scene; may be undefined
};

// signed: S = output; masked: S = M * (D - B), with M by soft_mask(). L = D - S in both.
// output: [N, C, H, W] (signed) or [N, 1, H, W] (masked) float32; frames as above.
// S and M are 0 outside the region of interest. Differentiable in output. Throws UsageError for
// other shapes.
Decomposition decompose(Form form, const torch::Tensor& output, const torch::Tensor& frames,
                        const SceneTensors& scene);

}  // namespace proxseg
