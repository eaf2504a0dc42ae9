#include "proxseg/scene/decomposition.h"

#include "proxseg/core/check.h"
#include "proxseg/scene/tensors.h"

namespace proxseg {

SceneTensors to_tensors(const SceneState& scene, const cv::Mat& roi, torch::Device device) {
  SceneTensors tensors;
  tensors.range = scene.range;
  tensors.background = to_unit_range(to_tensor({scene.background}).to(device));
  if (!roi.empty()) {
    tensors.roi = to_unit_range(to_tensor({with_border(roi, scene.margin)}).to(device));
  }
  if (!scene.scale.empty()) {
    const int64_t height = scene.scale.rows, width = scene.scale.cols;
    tensors.scale = torch::from_blob(scene.scale.data, {1, 1, height, width}, torch::kFloat32)
                        .clone()
                        .to(device);
  }
  return tensors;
}

SceneTensors apply_gains(const SceneTensors& scene, const torch::Tensor& gains) {
  expect_tensor(gains, {"N"}, "gains");
  SceneTensors result = scene;
  result.background = (scene.background * gains.view({-1, 1, 1, 1})).clamp_max_(1.0);
  return result;
}

void expect_background(const SceneTensors& scene, const torch::Tensor& frames) {
  const torch::Tensor& background = scene.background;
  const bool has_one_each =
      background.defined() && background.dim() == 4 && background.size(0) != 1;
  const int64_t count = has_one_each ? frames.size(0) : 1;
  expect_tensor(background, {count, frames.size(1), frames.size(2), frames.size(3)}, "background");
}

torch::Tensor soft_mask(Form form, const torch::Tensor& output, const SceneTensors& scene) {
  expect_tensor(output, {"N", "C", "H", "W"}, "output");
  const auto mask =
      form == Form::kSigned ? output.abs().amax(1, /*keepdim=*/true) : torch::sigmoid(output);
  return scene.roi.defined() ? mask * scene.roi : mask;
}

Decomposition decompose(Form form, const torch::Tensor& output, const torch::Tensor& frames,
                        const SceneTensors& scene) {
  expect_tensor(frames, {"N", "C", "H", "W"}, "frames");
  const int64_t n = frames.size(0), c = frames.size(1), h = frames.size(2), w = frames.size(3);
  expect_tensor(output, {n, form == Form::kSigned ? c : 1, h, w}, "output");
  for (const auto& [plane, name] : {std::pair{scene.roi, "roi"}, {scene.scale, "scale"}}) {
    if (plane.defined()) expect_tensor(plane, {1, 1, h, w}, name);
  }

  Decomposition result;
  result.mask = soft_mask(form, output, scene);
  if (form == Form::kSigned) {
    result.foreground = scene.roi.defined() ? output * scene.roi : output;
  } else {
    expect_background(scene, frames);
    result.foreground = result.mask * (frames - scene.background);
  }
  result.background = frames - result.foreground;
  result.reference = scene.background;
  result.scale = scene.scale;
  return result;
}

}  // namespace proxseg
