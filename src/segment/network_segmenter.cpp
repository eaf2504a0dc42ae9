#include "proxseg/segment/network_segmenter.h"

#include <ATen/Context.h>
#include <spdlog/spdlog.h>

#include <opencv2/core/utility.hpp>
#include <opencv2/imgproc.hpp>

#include "proxseg/core/device.h"
#include "proxseg/core/error.h"
#include "proxseg/core/sha256.h"
#include "proxseg/media/transform.h"
#include "proxseg/nn/export/export.h"
#include "proxseg/nn/export/safetensors.h"
#include "proxseg/scene/exposure.h"
#include "proxseg/scene/mask.h"
#include "proxseg/scene/network_input.h"
#include "proxseg/scene/tensors.h"
#include "segment/layers.h"

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

// The device by that name or, where there is none such, as on another machine than the one that the
// network was trained on, the one that is there.
torch::Device device_at_hand(const std::string& name) {
  try {
    return parse_device(name);
  } catch (const UsageError& error) {
    if (!name.starts_with("cuda")) throw;
    const torch::Device device = at::hasCUDA() ? torch::kCUDA : torch::kCPU;
    spdlog::warn("{}; segmenting on {} instead", error.what(), device.str());
    return device;
  }
}

bool computes_in_bfloat16(Recipe recipe, torch::Device device) {
  recipe.device = device.str();
  return computes_in_bfloat16(recipe);
}

MaskSettings settings_of(const Model& model) {
  MaskSettings settings = settings_of(model.recipe, network_fields());
  settings["model"] = sha256(to_safetensors({model.network.state(), {}}));
  return settings;
}

}  // namespace

const std::vector<std::string>& network_fields() {
  static const std::vector<std::string> fields = {"precision",   "input.scale", "input.pixels",
                                                  "background.", "model.form",  "mask.",
                                                  "infer.engine"};
  return fields;
}

NetworkSegmenter::NetworkSegmenter(Model model)
    : model_(std::move(model)), device_(device_at_hand(model_.recipe.device)) {
  torch::NoGradGuard no_grad;
  set_settings(settings_of(model_));
  if (model_.recipe.infer.engine == Engine::kOpenCv) {
    opencv_.emplace(to_onnx(model_.network), model_.network.options());
  }
  model_.network.fold_norms();
  model_.network.to(device_);
  if (computes_in_bfloat16(model_.recipe, device_)) {
    model_.network.use_bfloat16();
    if (!opencv_) input_type_ = torch::kBFloat16;
  }
}

void NetworkSegmenter::begin(const SequenceInfo& sequence) {
  set_scene(scene_of(sequence, model_.recipe.background), sequence.roi);
}

void NetworkSegmenter::set_scene(const SceneModel& scene, const cv::Mat& roi) {
  reference_ = scene.background;
  size_ = reference_.size();
  roi_ = roi;
  alignment_ = scene.alignment;
  const SceneModel full = {to_model_channels(scene.background), scene.scale, nullptr};
  scene_ = to_tensors(full, roi, device_);

  const SourceOptions& options = model_.recipe.input;
  network_size_ = scaled_size(size_, options.scale, options.pixels);
  background_ = resize_frame(full.background, network_size_);
  SceneModel scaled = {background_, {}, nullptr};
  if (!full.scale.empty()) scaled.scale = resize_frame(full.scale, network_size_);
  network_scene_ = to_tensors(scaled, {}, device_);
  network_roi_.release();
  if (!roi.empty()) cv::resize(roi, network_roi_, network_size_, 0, 0, cv::INTER_NEAREST);
  shadows_.reset();
  if (model_.recipe.mask.remove_shadows && !scaled.scale.empty()) shadows_.emplace(scaled);
}

cv::Mat NetworkSegmenter::to_model_channels(const cv::Mat& image) const {
  if (image.channels() == model_.frame_channels) return image;
  if (model_.frame_channels == 1) return to_gray(image);
  cv::Mat color;
  cv::cvtColor(image, color, cv::COLOR_GRAY2BGR);
  return color;
}

NetworkSegmenter::PreparedFrame NetworkSegmenter::prepare(const cv::Mat& frame) const {
  PreparedFrame prepared;
  prepared.full = to_model_channels(frame);
  if (alignment_) {
    prepared.transform = alignment_->transform_of(frame);
    prepared.full = align(prepared.full, prepared.transform);
  }
  prepared.image = resize_frame(prepared.full, network_size_);
  if (model_.recipe.background.follow_exposure) {
    prepared.gain = exposure_gain(prepared.image, background_);
  }
  return prepared;
}

torch::Tensor NetworkSegmenter::gains_of(const std::vector<PreparedFrame>& prepared) const {
  std::vector<float> gains;
  for (const PreparedFrame& frame : prepared) gains.push_back(static_cast<float>(frame.gain));
  return upload(torch::tensor(gains), device_);
}

// [N, C, h, w]
torch::Tensor NetworkSegmenter::network_input_of(const std::vector<PreparedFrame>& prepared) const {
  std::vector<cv::Mat> images;
  for (const PreparedFrame& frame : prepared) images.push_back(frame.image);
  return network_input_of_bytes(model_.recipe.model.form, upload(to_tensor(images), device_),
                                network_scene_, gains_of(prepared), input_type_);
}

torch::Tensor NetworkSegmenter::forward(const torch::Tensor& x) {
  return opencv_ ? opencv_->forward(x) : model_.network.forward(x);
}

Decomposition NetworkSegmenter::decompose_frames(const torch::Tensor& output,
                                                 const std::vector<PreparedFrame>& prepared) const {
  std::vector<cv::Mat> images;
  for (const PreparedFrame& frame : prepared) images.push_back(frame.full);
  const auto frames = to_unit_range(upload(to_tensor(images), device_));
  return decompose(model_.recipe.model.form, interpolate(output, size_), frames,
                   apply_gains(scene_, gains_of(prepared)));
}

cv::Mat NetworkSegmenter::mask_of(const PreparedFrame& frame, const cv::Mat& soft) const {
  const MaskOptions& options = model_.recipe.mask;
  cv::Mat shadows;
  if (shadows_) {
    const cv::Rect objects = cv::boundingRect(soft > options.threshold);
    shadows = shadows_->find(frame.image, objects, frame.gain);
  }
  cv::Mat mask = enlarge_mask(clean_mask(soft, options, shadows), soft, options.threshold, size_);
  if (!roi_.empty()) mask.setTo(0, roi_ == 0);
  return mask;
}

std::vector<Segmentation> NetworkSegmenter::segment(const std::vector<cv::Mat>& frames,
                                                    const std::set<Product>& products) {
  torch::InferenceMode inference;
  expect_frames(frames, size_);
  const size_t count = frames.size();
  std::vector<PreparedFrame> prepared(count);
  for_each_frame(count, [&](size_t i) { prepared[i] = prepare(frames[i]); });

  const auto output = forward(network_input_of(prepared));
  const torch::Tensor soft = soft_mask(model_.recipe.model.form, output, {}).to(torch::kCPU);

  std::vector<Segmentation> results(count);
  for_each_frame(count, [&](size_t i) {
    cv::Mat small = to_soft(soft.select(0, static_cast<int64_t>(i)));
    if (!network_roi_.empty()) small.setTo(0, network_roi_ == 0);
    results[i].mask = mask_of(prepared[i], small);
    if (products.contains(Product::kSoft)) cv::resize(small, results[i].soft, size_);
  });
  if (needs_layers(products)) {
    const Decomposition layers = decompose_frames(output, prepared);
    for (size_t i = 0; i < count; ++i) {
      add_layers(results[i], layers, static_cast<int64_t>(i), products);
    }
  }
  for (size_t i = 0; i < count; ++i) {
    if (alignment_) move_back(results[i], prepared[i].transform);
  }
  return results;
}

}  // namespace proxseg
