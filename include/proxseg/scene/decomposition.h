// D = L + S: how the network's output becomes background, foreground and mask.
#pragma once

#include <torch/types.h>

#include "proxseg/scene/options.h"
#include "proxseg/scene/scene_model.h"

namespace proxseg {

// A scene as the network and the loss see it.
struct SceneTensors {
  // B: [1, C, H, W] float32 in [0, 1]; of N frames by apply_gains(): [N, C, H, W]
  torch::Tensor background;
  // Unit of differences from the background: [1, 1, H, W] float32; undefined means 1 everywhere.
  torch::Tensor scale;
  torch::Tensor roi;  // [1, 1, H, W] float32, 0 outside the region of interest; undefined: all in
  double range = 255.0;        // as SceneState has it
  bool tells_shadows = false;  // the loss takes cast shadows for background, as in shadow.h
};

// The scene with `change` made to each plane that it has.
template <typename Change>
SceneTensors changed(SceneTensors scene, const Change& change) {
  for (torch::Tensor* plane : {&scene.background, &scene.scale, &scene.roi}) {
    if (plane->defined()) *plane = change(*plane);
  }
  return scene;
}

// roi: 8UC1 of the frames' size, 0 outside, or empty; it goes on in the margin.
SceneTensors to_tensors(const SceneState& scene, const cv::Mat& roi,
                        torch::Device device = torch::kCPU);

// The scene as N frames expose it: its background times their gains, at most 1. gains: [N] float32,
// by exposure_gain().
SceneTensors apply_gains(const SceneTensors& scene, const torch::Tensor& gains);

// Throws UsageError unless the scene has one background for all the frames, [N, C, H, W], or one
// for each.
void expect_background(const SceneTensors& scene, const torch::Tensor& frames);

// M in [0, 1], [N, 1, H, W]: sigmoid(output) in the masked form, the largest |output| over channels
// in the signed form; 0 outside the region of interest. output: [N, 1, H, W] (masked) or
// [N, C, H, W] (signed) float32.
torch::Tensor soft_mask(Form form, const torch::Tensor& output, const SceneTensors& scene);

struct Decomposition {
  torch::Tensor background;  // L: [N, C, H, W]
  torch::Tensor foreground;  // S = D - L: [N, C, H, W]
  torch::Tensor mask;        // M in [0, 1]: [N, 1, H, W]
  torch::Tensor reference;   // the scene's background B, as the frames expose it; may be undefined
  torch::Tensor scale;       // of the scene; may be undefined
};

// signed: S = output; masked: S = M * (D - B), with M by soft_mask(). L = D - S in both.
// output: [N, C, H, W] (signed) or [N, 1, H, W] (masked) float32; frames as above.
// S and M are 0 outside the region of interest. Differentiable in output. Throws UsageError for
// other shapes.
Decomposition decompose(Form form, const torch::Tensor& output, const torch::Tensor& frames,
                        const SceneTensors& scene);

}  // namespace proxseg
