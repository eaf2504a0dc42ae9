#include "proxseg/infer/network_segmenter.h"

#include <opencv2/imgproc.hpp>

#include "proxseg/core/device.h"
#include "proxseg/infer/layers.h"
#include "proxseg/infer/scene.h"
#include "proxseg/media/transform.h"
#include "proxseg/nn/export.h"
#include "proxseg/scene/tensors.h"

namespace proxseg {

namespace {

// From the aligned frame to the frame itself.
void move_back(Segmentation& result, const cv::Mat& transform) {
  for (cv::Mat* image : {&result.mask, &result.soft, &result.background, &result.foreground}) {
    if (!image->empty()) *image = unalign(*image, transform);
  }
  result.mask = result.mask >= 128;
}

}  // namespace

NetworkSegmenter::NetworkSegmenter(Model model)
    : model_(std::move(model)),
      device_(parse_device(model_.recipe.device)),
      bfloat16_(model_.recipe.precision == Precision::kBFloat16) {
  torch::NoGradGuard no_grad;
  if (model_.recipe.infer.engine == Engine::kOpenCv) {
    opencv_.emplace(to_onnx(model_.network), model_.network.options());
  }
  model_.network.fold_norms();
  model_.network.to(device_);
}

void NetworkSegmenter::begin(const SequenceInfo& sequence) {
  set_scene(scene_of(sequence, model_.recipe.background), sequence.roi);
}

void NetworkSegmenter::set_scene(const SceneModel& scene, const cv::Mat& roi) {
  size_ = scene.background.size();
  alignment_ = scene.alignment;
  network_size_ = scaled_size(size_, model_.recipe.input.scale);
  const SceneModel full = {to_model_channels(scene.background), scene.scale, nullptr};
  SceneModel scaled = {resize_frame(full.background, network_size_), {}, nullptr};
  if (!full.scale.empty()) scaled.scale = resize_frame(full.scale, network_size_);
  shadows_.reset();
  if (model_.recipe.mask.remove_shadows && !full.scale.empty()) {
    shadows_.emplace(full);
  }
  scene_ = to_tensors(full, roi, device_);
  network_scene_ = to_tensors(scaled, {}, device_);
}

cv::Mat NetworkSegmenter::to_model_channels(const cv::Mat& image) const {
  if (image.channels() == model_.frame_channels) return image;
  if (model_.frame_channels == 1) return to_gray(image);
  cv::Mat color;
  cv::cvtColor(image, color, cv::COLOR_GRAY2BGR);
  return color;
}

torch::Tensor NetworkSegmenter::network_frames(const std::vector<cv::Mat>& images) const {
  std::vector<cv::Mat> resized;
  for (const cv::Mat& image : images) resized.push_back(resize_frame(image, network_size_));
  return to_unit_range(to_tensor(resized).to(device_));
}

torch::Tensor NetworkSegmenter::forward(const torch::Tensor& x) {
  if (opencv_) return opencv_->forward(x);
  AutocastGuard autocast(device_, bfloat16_);
  return model_.network.forward(x).to(torch::kFloat32);
}

std::vector<Segmentation> NetworkSegmenter::segment(const std::vector<cv::Mat>& frames,
                                                    const std::set<Product>& products) {
  torch::InferenceMode inference;
  expect_frames(frames, size_);
  std::vector<cv::Mat> images;
  std::vector<cv::Mat> transforms, shadows;
  for (const cv::Mat& frame : frames) {
    images.push_back(to_model_channels(frame));
    if (alignment_) {
      transforms.push_back(alignment_->transform_of(frame));
      images.back() = align(images.back(), transforms.back());
    }
    if (shadows_) shadows.push_back(shadows_->find(images.back()));
  }
  const Form form = model_.recipe.model.form;
  const auto output =
      interpolate(forward(network_input(form, network_frames(images), network_scene_)), size_);
  const auto full = to_unit_range(to_tensor(images).to(device_));
  auto results = to_segmentations(decompose(form, output, full, scene_), model_.recipe.mask,
                                  products, shadows);
  for (size_t i = 0; i < transforms.size(); ++i) move_back(results[i], transforms[i]);
  return results;
}

}  // namespace proxseg
