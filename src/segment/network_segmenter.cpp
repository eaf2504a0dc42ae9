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
#include "proxseg/scene/detail.h"
#include "proxseg/scene/exposure.h"
#include "proxseg/scene/light.h"
#include "proxseg/scene/mask.h"
#include "proxseg/scene/network_input.h"
#include "proxseg/scene/tensors.h"
#include "scene/images.h"
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

// The box of the last two dimensions.
torch::Tensor part_of(const torch::Tensor& x, const cv::Rect& box) {
  return x.narrow(-2, box.y, box.height).narrow(-1, box.x, box.width);
}

// The box with so many pixels around it, from one multiple of stride to another.
cv::Rect enlarged(const cv::Rect& box, int pixels, int stride) {
  const auto down = [stride](int x) { return std::max(0, x) / stride * stride; };
  const cv::Point beyond = box.br() + cv::Point(pixels + stride - 1, pixels + stride - 1);
  return {cv::Point(down(box.x - pixels), down(box.y - pixels)),
          cv::Point(down(beyond.x), down(beyond.y))};
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

void NetworkSegmenter::begin(const SequenceInfo& sequence, const std::set<Product>& products) {
  follower_.reset();
  passed_ = 0;
  const SceneModel scene = scene_of(sequence, model_->recipe.background, model_->recipe.input);
  set_scene(scene, sequence);
  learn_detail_for(products, sequence);
  if (!follow_ || sequence.head.empty()) return;
  follower_ =
      std::make_unique<SceneFollower>(scene, shrunk(sequence.head.back()),
                                      static_cast<double>(sequence.head.size()) / sequence.rate(),
                                      model_->recipe.background, *follow_);
  if (is_following()) set_state(follower_->scene());
}

void NetworkSegmenter::go_on_with(const FollowerState& state, const SequenceInfo& sequence) {
  follower_ = std::make_unique<SceneFollower>(state, model_->recipe.background, *follow_);
  passed_ = from_;
  set_scene({{follower_->scene()}, {Look()}}, sequence);
}

std::vector<SceneEvent> NetworkSegmenter::take_events() {
  std::vector<SceneEvent> events = follower_->take_events();
  for (SceneEvent& event : events) {
    event.box = scaled_box(event.box, scene_.states[0].frame_size(), size_) & cv::Rect({}, size_);
  }
  return events;
}

void NetworkSegmenter::accept(const cv::Rect& box) {
  follower_->accept(scaled_box(box, size_, scene_.states[0].frame_size()));
}

// Of a stream, no batch goes beyond the frame from which on it is followed.
int64_t NetworkSegmenter::batch() const {
  const int64_t most = model_->recipe.infer.batch;
  return follow_ ? std::clamp<int64_t>(from_ - passed_, 1, most) : most;
}

cv::Size NetworkSegmenter::network_size(cv::Size frame) const {
  const SourceOptions& options = model_->recipe.input;
  return scaled_size(frame, options.scale, options.pixels);
}

void NetworkSegmenter::set_scene(const SceneModel& scene, const SequenceInfo& sequence) {
  scene_ = scene;
  size_ = sequence.size;
  image_size_ = sequence.image_size.empty() ? size_ : sequence.image_size;
  roi_ = sequence.roi;
  states_.clear();
  for (const SceneState& state : scene.states) states_.push_back(state_of(state));
}

void NetworkSegmenter::set_scene(const SceneModel& scene) {
  SequenceInfo sequence;
  sequence.size = scene.states.at(0).frame_size();
  set_scene(scene, sequence);
}

void NetworkSegmenter::set_state(const SceneState& state) {
  cv::Mat detail = states_[0].detail;
  if (!detail.empty()) detail = carried_detail(detail, scene_.states[0], state, size_);
  scene_ = {{state}, {Look()}};
  states_ = {state_of(state)};
  if (!detail.empty()) add_detail(states_[0], detail);
}

// The network sees the margin at the scale of the frames.
NetworkSegmenter::State NetworkSegmenter::state_of(const SceneState& state) const {
  const cv::Size frame = state.frame_size();
  const cv::Size size = scaled_canvas(state.background.size(), frame, network_size(size_));
  State result;
  result.scene = state;
  result.scene.background = to_model_channels(state.background);
  if (state.light) result.scene.light = std::make_shared<Light>(result.scene.background);
  SceneState small;
  small.background = resize_frame(result.scene.background, size);
  if (!state.scale.empty()) small.scale = resize_frame(state.scale, size);
  small.range = state.range;
  result.background = small.background;
  // What lies outside of it is left out of the masks of a moving camera once they are in its frame.
  if (!roi_.empty() && !state.alignment) {
    cv::Mat roi;
    cv::resize(roi_, roi, frame, 0, 0, cv::INTER_NEAREST);
    cv::resize(roi, result.roi, size, 0, 0, cv::INTER_NEAREST);
  }
  result.tensors = to_tensors(small, {}, device_);
  // As frames come to the network.
  result.tensors.background =
      result.tensors.background.contiguous(torch::MemoryFormat::ChannelsLast);
  if (small.scale.empty()) return result;
  if (model_->recipe.mask.remove_shadows) result.shadows.emplace(small);
  constexpr double kUnits = 1.0;  // less is not worth its price to the priors
  if (model_->recipe.model.form == Form::kMasked) {
    small.scale.convertTo(result.limit, CV_8U, kUnits * 255.0);
  }
  return result;
}

void NetworkSegmenter::learn_detail_for(const std::set<Product>& products,
                                        const SequenceInfo& sequence) {
  if (!needs_layers(products) && !products.contains(Product::kBackgroundImage)) return;
  if (scene_.states[0].frame_size() == size_) return;
  const BackgroundOptions& options = model_->recipe.background;
  std::vector<std::vector<cv::Mat>> images(states_.size());
  for (cv::Mat& image : scene_images_of(sequence, options)) {
    images[scene_.state_of(shrunk(image))].push_back(std::move(image));
  }
  for (size_t k = 0; k < states_.size(); ++k) {
    if (images[k].empty()) continue;
    add_detail(states_[k], detailed_background(images[k], scene_.states[k], options));
  }
}

void NetworkSegmenter::add_detail(State& state, const cv::Mat& detail) const {
  state.detail = detail;
  const torch::Tensor background = to_tensor({to_model_channels(detail)}).to(device_);
  state.detailed = {.background = to_unit_range(background), .scale = {}, .roi = {}};
}

cv::Mat NetworkSegmenter::background() const {
  const SceneState& state = scene_.states.at(0);
  const cv::Mat& detail = states_[0].detail;
  const cv::Mat background = detail.empty() ? enlarged_background(state, size_) : detail;
  const cv::Size beyond = background.size() - size_;
  return background(cv::Rect({beyond.width / 2, beyond.height / 2}, size_));
}

cv::Mat NetworkSegmenter::shrunk(const cv::Mat& frame) const {
  return resize_frame(frame, scene_.states[0].frame_size());
}

cv::Mat NetworkSegmenter::to_model_channels(const cv::Mat& image) const {
  return with_channels(image, static_cast<int>(model_->frame_channels));
}

void NetworkSegmenter::prepare(PreparedFrame& prepared) const {
  if (prepared.small.empty()) prepared.small = shrunk(prepared.frame);
  prepared.state = &states_[scene_.state_of(prepared.small)];
  prepared.view = view_of(to_model_channels(prepared.small), prepared.state->scene);
  prepared.image = prepared.view.at(prepared.state->background.size());
  if (model_->recipe.background.follow_exposure) {
    prepared.gain = exposure_gain(prepared.image, prepared.state->background);
  }
  const State& state = *prepared.state;
  const cv::Rect whole({}, prepared.image.size());
  prepared.differs = whole;
  if (state.limit.empty()) return;
  constexpr int kFringe = 8;  // of an object, which differs too little
  const cv::Mat background =
      prepared.gain == 1.0 ? state.background : cv::Mat(state.background * prepared.gain);
  const cv::Rect differs = differing_area(prepared.image, background, state.limit);
  prepared.differs = differs.empty() ? differs : enlarged(differs, kFringe, 1) & whole;
}

torch::Tensor NetworkSegmenter::gain_of(const PreparedFrame& frame) const {
  return upload(torch::tensor({static_cast<float>(frame.gain)}), device_);
}

// The frames that show one state go through the network at once, as much of them as it has to see.
void NetworkSegmenter::run_network(std::vector<PreparedFrame>& prepared) {
  for (const State& state : states_) {
    std::vector<PreparedFrame*> frames;
    cv::Rect found;
    for (PreparedFrame& frame : prepared) {
      if (frame.state != &state) continue;
      frame.soft = cv::Mat::zeros(frame.image.size(), CV_32F);
      if (frame.differs.empty()) continue;
      frames.push_back(&frame);
      found |= frame.differs;
    }
    if (!frames.empty()) look_at(state, frames, seen_for(found, frames[0]->image.size()));
  }
}

void NetworkSegmenter::look_at(const State& state, const std::vector<PreparedFrame*>& frames,
                               const cv::Rect& seen) {
  std::vector<cv::Mat> images;
  std::vector<torch::Tensor> gains;
  for (const PreparedFrame* frame : frames) {
    images.push_back(frame->image(seen));
    gains.push_back(gain_of(*frame));
  }
  const Form form = model_->recipe.model.form;
  const SceneTensors scene =
      changed(state.tensors, [&](const torch::Tensor& plane) { return part_of(plane, seen); });
  const torch::Tensor output = forward(network_input_of_bytes(
      form, upload(to_tensor(images), device_), scene, torch::cat(gains), input_type_));
  const torch::Tensor soft = soft_mask(form, output, {}).to(torch::kCPU);
  for_each_frame(frames.size(), [&](size_t i) {
    PreparedFrame& frame = *frames[i];
    const auto place = static_cast<int64_t>(i);
    const cv::Rect there = frame.differs - seen.tl();
    frame.output = part_of(output.narrow(0, place, 1), there);
    to_soft(part_of(soft.select(0, place), there)).copyTo(frame.soft(frame.differs));
    if (!state.roi.empty()) frame.soft.setTo(0, state.roi == 0);
  });
}

// What lies further away than the network's reach changes nothing. The box begins where its cells do, and its
// poolings.
cv::Rect NetworkSegmenter::seen_for(const cv::Rect& found, cv::Size image) const {
  constexpr int64_t kFewSizes = 32;  // pixels: convolutions are prepared for each size
  const cv::Rect whole({}, image);
  if (opencv_ || !device_.is_cpu()) return whole;
  const UNetOptions& options = model_->network.options();
  const int64_t stride = padded_size(kFewSizes, stride_of(options));
  const int64_t reach = std::min<int64_t>(reach_of(options), std::max(image.width, image.height));
  return enlarged(found, static_cast<int>(reach), static_cast<int>(stride)) & whole;
}

torch::Tensor NetworkSegmenter::forward(const torch::Tensor& x) {
  return opencv_ ? opencv_->forward(x) : model_->network.forward(x);
}

// [1, *, h, w] of the image's size: where the network has not looked, that of no object.
torch::Tensor NetworkSegmenter::whole_output(const PreparedFrame& frame) const {
  constexpr double kNothing = -30.0;  // sigmoid(kNothing) is 0 in 8 bits
  const cv::Size size = frame.image.size();
  if (frame.differs.size() == size) return frame.output;
  torch::Tensor output = torch::full({1, 1, size.height, size.width}, kNothing, device_);
  if (!frame.differs.empty()) part_of(output, frame.differs).copy_(frame.output);
  return output;
}

void NetworkSegmenter::add_layers_of(const PreparedFrame& frame, const std::set<Product>& products,
                                     Segmentation& result) const {
  const SceneView view = detailed_view(to_model_channels(frame.frame), frame.view,
                                       to_model_channels(frame.state->detail));
  const cv::Size size = frame.state->detail.size();
  const auto bytes = upload(to_tensor({view.at(size)}), device_);
  const Decomposition layers =
      decompose(model_->recipe.model.form, interpolate(whole_output(frame), size),
                to_unit_range(bytes), apply_gains(frame.state->detailed, gain_of(frame)));
  add_layers(result, layers, 0, products);
  if (!view.field.empty() && !result.background.empty()) {
    result.background = give_light(result.background, view.field);
  }
  for (cv::Mat* image : {&result.background, &result.foreground}) {
    if (!image->empty()) *image = view.to_frame(*image);
  }
}

cv::Mat NetworkSegmenter::mask_of(const PreparedFrame& frame) const {
  const MaskOptions& options = model_->recipe.mask;
  const cv::Mat found = find_objects(frame.soft, options);
  cv::Mat shadows;
  if (frame.state->shadows) {
    shadows = frame.state->shadows->find(frame.image, found, frame.gain);
  }
  if (is_following()) {
    // Clouds and lamps, before they are learned.
    constexpr double kMuch = 0.01;
    if (cv::countNonZero(found) > kMuch * static_cast<double>(found.total())) {
      const cv::Mat lit = lit_otherwise(frame.image, frame.state->background * frame.gain, found);
      shadows = shadows.empty() ? lit : shadows | lit;
    }
  }
  return clean_mask(found, options, shadows, network_size(size_));
}

// First in the scene's camera, then in the frame's.
Segmentation NetworkSegmenter::result_of(const PreparedFrame& frame,
                                         const std::set<Product>& products) const {
  const double threshold = model_->recipe.mask.threshold;
  const cv::Size canvas = frame.state->scene.background.size();
  const bool wants_soft = products.contains(Product::kSoft);
  if (frame.differs.empty()) {
    return {cv::Mat::zeros(size_, CV_8U),
            wants_soft ? cv::Mat::zeros(size_, CV_32F) : cv::Mat(),
            {},
            {}};
  }
  cv::Mat mask = enlarge_mask(mask_of(frame), frame.soft, threshold, canvas), soft = frame.soft;
  if (!frame.view.transform.empty()) {
    mask = frame.view.to_frame(mask) >= 128;
    if (wants_soft || mask.size() != size_) {
      cv::resize(soft, soft, canvas);
      soft = frame.view.to_frame(soft);
    }
  }
  Segmentation result;
  result.mask = enlarge_mask(mask, soft, threshold, size_);
  if (wants_soft) cv::resize(soft, result.soft, size_);
  return result;
}

// Nothing is found there, and the frame is its own background.
void NetworkSegmenter::clear(Segmentation& result, const cv::Mat& frame,
                             const cv::Mat& where) const {
  for (cv::Mat* image : {&result.mask, &result.soft, &result.foreground}) {
    if (!image->empty()) image->setTo(0, where);
  }
  if (!result.background.empty()) to_model_channels(frame).copyTo(result.background, where);
}

std::vector<Segmentation> NetworkSegmenter::segment(const std::vector<cv::Mat>& frames,
                                                    const std::set<Product>& products) {
  expect_frames(frames, image_size_);
  const auto count = static_cast<int64_t>(frames.size());
  const int64_t before = follower_ ? std::clamp<int64_t>(from_ - passed_, 0, count) : count;
  std::vector<Segmentation> results;
  if (before > 0) {
    std::vector<PreparedFrame> batch;
    for (int64_t i = 0; i < before; ++i) batch.push_back({frames[static_cast<size_t>(i)]});
    results = segment_here(std::move(batch), products);
  }
  passed_ += before;
  for (auto next = frames.begin() + before; next != frames.end(); ++next, ++passed_) {
    PreparedFrame frame = {*next, shrunk(*next)};
    const cv::Size small = frame.small.size();
    if (follower_->look(frame.small, seconds_)) set_state(follower_->scene());
    // A still picture costs a comparison, and no network.
    if (shows_no_object() && products == std::set{Product::kMask}) {
      results.emplace_back();
    } else {
      results.push_back(std::move(segment_here({std::move(frame)}, products).front()));
    }
    cv::Mat &mask = results.back().mask, learned;
    if (mask.empty()) mask = cv::Mat::zeros(size_, CV_8U);
    if (const cv::Mat area = untrusted_area(); !area.empty()) clear(results.back(), *next, area);
    cv::resize(mask, learned, small, 0, 0, cv::INTER_NEAREST);
    follower_->learn(learned);
  }
  return results;
}

// Or none that could be told.
bool NetworkSegmenter::shows_no_object() const {
  return follower_->shows_nothing() || !follower_->knows_scene();
}

// 255 where nothing can be told of the frame that the follower has seen last; empty if all can.
cv::Mat NetworkSegmenter::untrusted_area() const {
  const int height = scene_.states[0].frame_size().height;
  const int whole = shows_no_object() ? 0 : follower_->whole_rows() * size_.height / height;
  if (whole == size_.height) return {};
  cv::Mat area = cv::Mat::zeros(size_, CV_8U);
  area.rowRange(whole, size_.height) = 255;
  return area;
}

std::vector<Segmentation> NetworkSegmenter::segment_here(std::vector<PreparedFrame> prepared,
                                                         const std::set<Product>& products) {
  torch::InferenceMode inference;
  for_each_frame(prepared.size(), [&](size_t i) { prepare(prepared[i]); });
  run_network(prepared);

  std::vector<Segmentation> results(prepared.size());
  for_each_frame(prepared.size(), [&](size_t i) { results[i] = result_of(prepared[i], products); });
  if (needs_layers(products)) {
    for (size_t k = 0; k < states_.size(); ++k) {
      if (!states_[k].detail.empty()) continue;
      add_detail(states_[k], enlarged_background(scene_.states[k], size_));
    }
    for (size_t i = 0; i < prepared.size(); ++i) add_layers_of(prepared[i], products, results[i]);
  }
  if (roi_.empty()) return results;
  for (size_t i = 0; i < prepared.size(); ++i) clear(results[i], prepared[i].frame, roi_ == 0);
  return results;
}

}  // namespace proxseg
