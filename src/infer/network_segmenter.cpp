#include "proxseg/infer/network_segmenter.h"

#include <opencv2/core/utility.hpp>
#include <opencv2/imgproc.hpp>

#include "proxseg/core/device.h"
#include "proxseg/infer/layers.h"
#include "proxseg/infer/scene.h"
#include "proxseg/media/transform.h"
#include "proxseg/nn/export.h"
#include "proxseg/scene/mask.h"
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

// Frames are independent outside the network: they are spread over the threads.
template <typename Function>
void for_each_frame(size_t count, const Function& function) {
  cv::parallel_for_({0, static_cast<int>(count)}, [&](const cv::Range& range) {
    const torch::InferenceMode inference;
    for (int i = range.start; i < range.end; ++i) function(static_cast<size_t>(i));
  });
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

NetworkSegmenter::View NetworkSegmenter::view_of(const cv::Mat& frame) const {
  View view = {to_model_channels(frame), {}};
  if (alignment_) {
    view.transform = alignment_->transform_of(frame);
    view.image = align(view.image, view.transform);
  }
  return view;
}

torch::Tensor NetworkSegmenter::network_frames(const std::vector<View>& views) const {
  std::vector<cv::Mat> resized;
  for (const View& view : views) resized.push_back(resize_frame(view.image, network_size_));
  return to_unit_range(to_tensor(resized).to(device_));
}

torch::Tensor NetworkSegmenter::forward(const torch::Tensor& x) {
  if (opencv_) return opencv_->forward(x);
  AutocastGuard autocast(device_, bfloat16_);
  return model_.network.forward(x).to(torch::kFloat32);
}

Decomposition NetworkSegmenter::decompose_views(const torch::Tensor& output,
                                                const std::vector<View>& views) const {
  std::vector<cv::Mat> images;
  for (const View& view : views) images.push_back(view.image);
  const auto frames = to_unit_range(to_tensor(images).to(device_));
  return decompose(model_.recipe.model.form, output, frames, scene_);
}

// mask: M of the frame, [1, H, W].
Segmentation NetworkSegmenter::result_of(const View& view, const torch::Tensor& mask) const {
  const MaskOptions& options = model_.recipe.mask;
  Segmentation result;
  result.soft = to_soft(mask);
  cv::Mat shadows;
  if (shadows_) {
    shadows = shadows_->find(view.image, cv::boundingRect(result.soft > options.threshold));
  }
  result.mask = clean_mask(result.soft, options, shadows);
  return result;
}

std::vector<Segmentation> NetworkSegmenter::segment(const std::vector<cv::Mat>& frames,
                                                    const std::set<Product>& products) {
  torch::InferenceMode inference;
  expect_frames(frames, size_);
  const size_t count = frames.size();
  std::vector<View> views(count);
  for_each_frame(count, [&](size_t i) { views[i] = view_of(frames[i]); });

  const Form form = model_.recipe.model.form;
  const auto output =
      interpolate(forward(network_input(form, network_frames(views), network_scene_)), size_);

  const torch::Tensor masks = soft_mask(form, output, scene_).to(torch::kCPU);
  std::vector<Segmentation> results(count);
  for_each_frame(count, [&](size_t i) {
    results[i] = result_of(views[i], masks.select(0, static_cast<int64_t>(i)));
  });
  if (needs_layers(products)) {
    const Decomposition layers = decompose_views(output, views);
    for (size_t i = 0; i < count; ++i) {
      add_layers(results[i], layers, static_cast<int64_t>(i), products);
    }
  }
  for (size_t i = 0; i < count; ++i) {
    if (alignment_) move_back(results[i], views[i].transform);
  }
  return results;
}

}  // namespace proxseg
