#include "proxseg/segment/network_segmenter.h"

#include <ATen/Context.h>
#include <spdlog/spdlog.h>

#include <algorithm>
#include <opencv2/core/utility.hpp>
#include <opencv2/imgproc.hpp>

#include "proxseg/core/device.h"
#include "proxseg/core/error.h"
#include "proxseg/core/sha256.h"
#include "proxseg/media/transform.h"
#include "proxseg/nn/export/export.h"
#include "proxseg/nn/export/safetensors.h"
#include "proxseg/scene/exposure.h"
#include "proxseg/scene/light.h"
#include "proxseg/scene/mask.h"
#include "proxseg/scene/network_input.h"
#include "proxseg/scene/tensors.h"
#include "segment/layers.h"

namespace proxseg {

namespace {

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
    : model_(std::make_shared<Model>(std::move(model))),
      device_(device_at_hand(model_->recipe.device)) {
  torch::NoGradGuard no_grad;
  set_settings(settings_of(*model_));
  if (model_->recipe.infer.engine == Engine::kOpenCv) {
    onnx_ = std::make_shared<const std::string>(to_onnx(model_->network));
    opencv_.emplace(*onnx_, model_->network.options());
  }
  model_->network.fold_norms();
  model_->network.to(device_);
  if (computes_in_bfloat16(model_->recipe, device_)) {
    model_->network.use_bfloat16();
    if (!opencv_) input_type_ = torch::kBFloat16;
  }
}

NetworkSegmenter::NetworkSegmenter(const NetworkSegmenter& other)
    : Segmenter(other),
      model_(other.model_),
      onnx_(other.onnx_),
      device_(other.device_),
      input_type_(other.input_type_),
      follow_(other.follow_),
      head_(other.head_),
      from_(other.from_) {
  if (onnx_) opencv_.emplace(*onnx_, model_->network.options());
}

void NetworkSegmenter::follow(const FollowOptions& options, int64_t head, int64_t from) {
  if (model_->recipe.background.method != BackgroundMethod::kSettled) return;
  follow_ = options;
  head_ = head;
  from_ = from;
}

void NetworkSegmenter::begin(const SequenceInfo& sequence) {
  follower_.reset();
  passed_ = 0;
  const SceneModel scene = scene_of(sequence, model_->recipe.background);
  if (follow_ && !sequence.head.empty()) {
    follower_ = std::make_unique<SceneFollower>(
        scene, sequence.head.back(), static_cast<double>(sequence.head.size()) / sequence.rate(),
        model_->recipe.background, *follow_);
  }
  set_scene(is_following() ? SceneModel{{follower_->scene()}, {Look()}} : scene, sequence.roi);
}

void NetworkSegmenter::go_on_with(const FollowerState& state, const SequenceInfo& sequence) {
  follower_ = std::make_unique<SceneFollower>(state, model_->recipe.background, *follow_);
  passed_ = from_;
  set_scene({{follower_->scene()}, {Look()}}, sequence.roi);
}

void NetworkSegmenter::set_scene(const SceneModel& scene, const cv::Mat& roi) {
  scene_ = scene;
  size_ = scene.states.at(0).frame_size();
  roi_ = roi;
  states_.clear();
  for (const SceneState& state : scene.states) states_.push_back(state_of(state));
}

// The network sees the margin at the scale of the frames.
NetworkSegmenter::State NetworkSegmenter::state_of(const SceneState& state) const {
  const SourceOptions& options = model_->recipe.input;
  const cv::Size scaled = scaled_size(size_, options.scale, options.pixels);
  State result;
  result.full = state;
  result.full.background = to_model_channels(state.background);
  if (state.light) result.full.light = std::make_shared<Light>(result.full.background);
  result.scene = to_tensors(result.full, roi_, device_);
  const cv::Size full = state.background.size(), size(full.width * scaled.width / size_.width,
                                                      full.height * scaled.height / size_.height);
  SceneState small;
  small.background = resize_frame(result.full.background, size);
  if (!state.scale.empty()) small.scale = resize_frame(state.scale, size);
  result.background = small.background;
  if (!roi_.empty()) {
    cv::resize(with_border(roi_, state.margin), result.roi, size, 0, 0, cv::INTER_NEAREST);
  }
  result.network_scene = to_tensors(small, {}, device_);
  // As frames come to the network.
  result.network_scene.background =
      result.network_scene.background.contiguous(torch::MemoryFormat::ChannelsLast);
  if (model_->recipe.mask.remove_shadows && !small.scale.empty()) result.shadows.emplace(small);
  return result;
}

cv::Mat NetworkSegmenter::to_model_channels(const cv::Mat& image) const {
  if (image.channels() == model_->frame_channels) return image;
  if (model_->frame_channels == 1) return to_gray(image);
  cv::Mat color;
  cv::cvtColor(image, color, cv::COLOR_GRAY2BGR);
  return color;
}

NetworkSegmenter::PreparedFrame NetworkSegmenter::prepare(const cv::Mat& frame) const {
  PreparedFrame prepared;
  prepared.state = &states_[scene_.state_of(frame)];
  prepared.view = view_of(to_model_channels(frame), prepared.state->full);
  prepared.image = prepared.view.at(prepared.state->background.size());
  if (model_->recipe.background.follow_exposure) {
    prepared.gain = exposure_gain(prepared.image, prepared.state->background);
  }
  return prepared;
}

torch::Tensor NetworkSegmenter::gain_of(const PreparedFrame& frame) const {
  return upload(torch::tensor({static_cast<float>(frame.gain)}), device_);
}

// The frames that show one state go through the network at once.
void NetworkSegmenter::run_network(std::vector<PreparedFrame>& prepared) {
  for (const State& state : states_) {
    std::vector<PreparedFrame*> frames;
    std::vector<cv::Mat> images;
    std::vector<torch::Tensor> gains;
    for (PreparedFrame& frame : prepared) {
      if (frame.state != &state) continue;
      frames.push_back(&frame);
      images.push_back(frame.image);
      gains.push_back(gain_of(frame));
    }
    if (frames.empty()) continue;
    const Form form = model_->recipe.model.form;
    const torch::Tensor output =
        forward(network_input_of_bytes(form, upload(to_tensor(images), device_),
                                       state.network_scene, torch::cat(gains), input_type_));
    const torch::Tensor soft = soft_mask(form, output, {}).to(torch::kCPU);
    for_each_frame(frames.size(), [&](size_t i) {
      const auto place = static_cast<int64_t>(i);
      frames[i]->output = output.narrow(0, place, 1);
      frames[i]->soft = to_soft(soft.select(0, place));
      if (!state.roi.empty()) frames[i]->soft.setTo(0, state.roi == 0);
    });
  }
}

torch::Tensor NetworkSegmenter::forward(const torch::Tensor& x) {
  return opencv_ ? opencv_->forward(x) : model_->network.forward(x);
}

void NetworkSegmenter::add_layers_of(const PreparedFrame& frame, const std::set<Product>& products,
                                     Segmentation& result) const {
  const cv::Size size = frame.state->full.background.size();
  const auto bytes = upload(to_tensor({frame.view.at(size)}), device_);
  const Decomposition layers =
      decompose(model_->recipe.model.form, interpolate(frame.output, size), to_unit_range(bytes),
                apply_gains(frame.state->scene, gain_of(frame)));
  add_layers(result, layers, 0, products);
  if (frame.view.field.empty()) return;
  if (!result.background.empty()) {
    result.background = give_light(result.background, frame.view.field);
  }
}

cv::Mat NetworkSegmenter::mask_of(const PreparedFrame& frame) const {
  const MaskOptions& options = model_->recipe.mask;
  const cv::Mat& soft = frame.soft;
  cv::Mat shadows;
  if (frame.state->shadows) {
    shadows = frame.state->shadows->find(frame.image, soft > options.threshold, frame.gain);
  }
  if (is_following()) {
    // Clouds and lamps, before they are learned.
    constexpr double kMuch = 0.01;
    const cv::Mat found = soft > options.threshold;
    if (cv::countNonZero(found) > kMuch * static_cast<double>(found.total())) {
      const cv::Mat lit = lit_otherwise(frame.image, frame.state->background * frame.gain, found);
      shadows = shadows.empty() ? lit : shadows | lit;
    }
  }
  return enlarge_mask(clean_mask(soft, options, shadows), soft, options.threshold,
                      frame.state->full.background.size());
}

void NetworkSegmenter::bring_to_frame(const SceneView& view, Segmentation& result) const {
  if (!view.transform.empty()) {
    for (cv::Mat* image : {&result.mask, &result.soft, &result.background, &result.foreground}) {
      if (!image->empty()) *image = view.to_frame(*image);
    }
    result.mask = result.mask >= 128;
  }
  if (!roi_.empty()) result.mask.setTo(0, roi_ == 0);
}

std::vector<Segmentation> NetworkSegmenter::segment(const std::vector<cv::Mat>& frames,
                                                    const std::set<Product>& products) {
  expect_frames(frames, size_);
  const auto count = static_cast<int64_t>(frames.size());
  const int64_t before = follower_ ? std::clamp<int64_t>(from_ - passed_, 0, count) : count;
  std::vector<Segmentation> results;
  if (before > 0) results = segment_here({frames.begin(), frames.begin() + before}, products);
  passed_ += before;
  for (auto next = frames.begin() + before; next != frames.end(); ++next, ++passed_) {
    const cv::Mat& frame = *next;
    if (follower_->look(frame, seconds_)) set_scene({{follower_->scene()}, {Look()}}, roi_);
    // A still picture costs a comparison, and no network.
    const bool is_empty = follower_->shows_nothing() || !follower_->knows_scene();
    if (is_empty && products == std::set{Product::kMask}) {
      results.emplace_back();
    } else {
      results.push_back(std::move(segment_here({frame}, products).front()));
    }
    cv::Mat& mask = results.back().mask;
    if (is_empty) mask = cv::Mat::zeros(size_, CV_8U);
    mask.rowRange(follower_->whole_rows(), mask.rows) = 0;
    follower_->learn(results.back().mask);
  }
  return results;
}

std::vector<Segmentation> NetworkSegmenter::segment_here(const std::vector<cv::Mat>& frames,
                                                         const std::set<Product>& products) {
  torch::InferenceMode inference;
  const size_t count = frames.size();
  std::vector<PreparedFrame> prepared(count);
  for_each_frame(count, [&](size_t i) { prepared[i] = prepare(frames[i]); });

  run_network(prepared);

  std::vector<Segmentation> results(count);
  for_each_frame(count, [&](size_t i) {
    const PreparedFrame& frame = prepared[i];
    results[i].mask = mask_of(frame);
    if (products.contains(Product::kSoft)) {
      cv::resize(frame.soft, results[i].soft, frame.state->full.background.size());
    }
  });
  const bool with_layers = needs_layers(products);
  for (size_t i = 0; i < count; ++i) {
    if (with_layers) add_layers_of(prepared[i], products, results[i]);
    bring_to_frame(prepared[i].view, results[i]);
  }
  return results;
}

}  // namespace proxseg
