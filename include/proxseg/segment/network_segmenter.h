// A trained network applied to frames.
#pragma once

#include <torch/types.h>

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "proxseg/recipe/model.h"
#include "proxseg/scene/decomposition.h"
#include "proxseg/scene/follower.h"
#include "proxseg/scene/shadow.h"
#include "proxseg/segment/opencv_network.h"
#include "proxseg/segment/segmenter.h"

namespace proxseg {

// The fields of the recipe that the masks of a trained network depend on, as settings_of() takes
// them; besides those that select frames and their region.
const std::vector<std::string>& network_fields();

// Background and foreground are those of the model's form, in the channels that it was trained on.
class NetworkSegmenter : public Segmenter {
 public:
  // Throws UsageError for Engine::kOpenCv and a network that to_onnx() refuses.
  explicit NetworkSegmenter(Model model);

  // Another one, before its begin(), of the same network, which both share; each may have a thread of its
  // own.
  NetworkSegmenter(const NetworkSegmenter& other);
  NetworkSegmenter& operator=(const NetworkSegmenter&) = delete;

  // With the sequence's scene by recipe.background, which is modelled at recipe.input.scale.
  void begin(const SequenceInfo& sequence, const std::set<Product>& products) override;

  // Before begin(): the scene of streams is followed, where recipe.background.method is kSettled. It is
  // learned from the first `head` frames, and followed from the frame at position `from` on; masks of
  // those before it are as of a file that ends with the head.
  void follow(const FollowOptions& options, int64_t head, int64_t from);
  // In place of begin(), after follow(): goes on with the scene of a stream as it was known, from the next frame
  // on. sequence: its size counts, and its region of interest. Throws UsageError where nothing is known.
  void go_on_with(const FollowerState& state, const SequenceInfo& sequence);

  // Of the stream that is being followed; null for all else. It sees frames of recipe.input.scale.
  SceneFollower* follower() { return follower_.get(); }
  // What it tells of and is told of parts of frames, in pixels of frames of the full size.
  std::vector<SceneEvent> take_events();
  void accept(const cv::Rect& box);
  void set_time(double seconds) override { seconds_ = seconds; }

  // The size in which the network sees frames of that size, and their scene is modelled.
  cv::Size network_size(cv::Size frame) const;

  // In place of begin().
  // scene: of the size of the frames or of network_size(); with its scale if recipe.background.noise_floor > 0.
  // sequence: the size of its frames and of their images, and its region of interest.
  void set_scene(const SceneModel& scene, const SequenceInfo& sequence);
  // The same for frames of the scene's size, in all of which objects are looked for.
  void set_scene(const SceneModel& scene);

  // Frames are segmented and their masks cleaned up by recipe.mask at network_size(), then
  // brought to the frames' size. Background and foreground are made there, of the interpolated
  // output. In the masked form the network is asked only where a frame differs from the background by more than
  // the scene's scale, and somewhat around; elsewhere masks are empty, and soft ones 0.
  std::vector<Segmentation> segment(const std::vector<cv::Mat>& frames,
                                    const std::set<Product>& products) override;

  // The scene's reference background; of a camera that shakes, without what lies beyond a frame's border.
  cv::Mat background() const override;

  MaskMaker maker() const override { return MaskMaker::kNetwork; }
  int64_t batch() const override;
  SourceOptions least_images() const override {
    return {.scale = recipe().input.scale, .pixels = recipe().input.pixels};
  }
  std::vector<Span> parts(const SequenceInfo& recording) const override {
    return parts_of(recording, model_->recipe.background);
  }
  int64_t wanted_head() const override {
    return follow_ ? head_ : model_->recipe.background.frames;
  }

  const Recipe& recipe() const { return model_->recipe; }

 protected:
  // After set_scene(): learns the background at the frames' full size, if some of these products shows it, and
  // the scene is of a smaller one. Reads the sequence as begin() does.
  void learn_detail_for(const std::set<Product>& products, const SequenceInfo& sequence);

 private:
  // A state of the scene as the network sees it.
  struct State {
    SceneState scene;  // in the model's channels
    // What follows is of the size that the network sees.
    cv::Mat background, roi;
    SceneTensors tensors;
    std::optional<ShadowDetector> shadows;
    // 8UC1: where no pixel differs by more, nothing is there; empty: that can't be told.
    cv::Mat limit;
    // By detailed_background(), for layers; empty until they are wanted.
    cv::Mat detail;
    SceneTensors detailed;  // the same, in the model's channels
  };
  State state_of(const SceneState& state) const;
  void set_state(const SceneState& state);
  void add_detail(State& state, const cv::Mat& detail) const;
  bool is_following() const { return follower_ && passed_ >= from_; }

  // A frame as its state sees it.
  struct PreparedFrame {
    cv::Mat frame;    // as it is given
    cv::Mat small{};  // of the size of the scene's frames
    const State* state = nullptr;
    SceneView view{};
    cv::Mat image{};     // of the size that the network sees
    double gain = 1.0;   // by exposure_gain()
    cv::Rect differs{};  // the part of the image where something may be
    // By run_network():
    torch::Tensor output{};  // [1, *, h, w] of `differs`
    cv::Mat soft{};          // M: 32FC1, of the image's size
  };
  cv::Mat shrunk(const cv::Mat& frame) const;
  std::vector<Segmentation> segment_here(std::vector<PreparedFrame> prepared,
                                         const std::set<Product>& products);
  void prepare(PreparedFrame& frame) const;
  cv::Mat to_model_channels(const cv::Mat& image) const;
  torch::Tensor gain_of(const PreparedFrame& frame) const;
  void run_network(std::vector<PreparedFrame>& prepared);
  void look_at(const State& state, const std::vector<PreparedFrame*>& frames, const cv::Rect& seen);
  // The part of an image that the network has to see to find what is in a part of it.
  cv::Rect seen_for(const cv::Rect& found, cv::Size image) const;
  torch::Tensor forward(const torch::Tensor& x);
  // Of the image's size.
  cv::Mat mask_of(const PreparedFrame& frame) const;
  torch::Tensor whole_output(const PreparedFrame& frame) const;
  // At the frame's size.
  Segmentation result_of(const PreparedFrame& frame, const std::set<Product>& products) const;
  void add_layers_of(const PreparedFrame& frame, const std::set<Product>& products,
                     Segmentation& result) const;

  void clear(Segmentation& result, const cv::Mat& frame, const cv::Mat& where) const;
  bool shows_no_object() const;
  cv::Mat untrusted_area() const;

  std::shared_ptr<Model> model_;             // shared by copies
  std::shared_ptr<const std::string> onnx_;  // of opencv_
  std::optional<OpenCvNetwork> opencv_;  // runs instead of model_.network, by recipe.infer.engine
  torch::Device device_;
  torch::ScalarType input_type_ = torch::kFloat32;
  SceneModel scene_;
  std::vector<State> states_;  // of scene_
  cv::Size size_;              // of the frames
  cv::Size image_size_;        // of their images, which may be smaller
  cv::Mat roi_;                // of size_, or empty
  std::optional<FollowOptions> follow_;
  int64_t head_ = 0, from_ = 0;
  int64_t passed_ = 0;  // frames of the stream
  std::unique_ptr<SceneFollower> follower_;
  double seconds_ = 0.0;  // of the next frame
};

}  // namespace proxseg
