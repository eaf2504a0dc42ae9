#include "proxseg/train/clip.h"

#include <fmt/format.h>

#include <algorithm>

#include "proxseg/core/error.h"
#include "proxseg/media/transform.h"
#include "proxseg/scene/exposure.h"
#include "proxseg/scene/reservoir.h"
#include "proxseg/scene/scene_model.h"
#include "proxseg/scene/tensors.h"

namespace proxseg {
namespace {

// The frames that are already in memory, as the source of the background.
class MemorySource : public FrameSource {
 public:
  MemorySource(const std::vector<Frame>& frames, const SequenceInfo& info)
      : frames_(frames), info_(info) {}
  const SequenceInfo& info() const override { return info_; }
  std::optional<Frame> next() override {
    if (position_ == frames_.size()) return std::nullopt;
    return frames_[position_++];
  }
  const std::vector<std::string>& skipped() const override { return none_; }

 private:
  const std::vector<Frame>& frames_;
  const SequenceInfo& info_;
  size_t position_ = 0;
  std::vector<std::string> none_;
};

torch::Tensor gains_of(const std::vector<cv::Mat>& images, const cv::Mat& background) {
  std::vector<float> gains;
  for (const cv::Mat& image : images) {
    gains.push_back(static_cast<float>(exposure_gain(image, background)));
  }
  return torch::tensor(gains);
}

void to_color(Clip& clip) {
  if (clip.info.channels == 3) return;
  clip.info.channels = 3;
  clip.frames = clip.frames.repeat({1, 3, 1, 1});
  clip.scene.background = clip.scene.background.repeat({1, 3, 1, 1});
}

}  // namespace

Clip load_clip(const std::string& path, const Recipe& recipe) {
  const auto source = prefetch(open_source(path, recipe.input));
  FrameReservoir reservoir(recipe.train.max_frames);
  while (auto frame = source->next()) reservoir.add(std::move(*frame));
  const std::vector<Frame> frames = std::move(reservoir).take();
  if (frames.empty()) throw InputError(fmt::format("'{}' has no readable frame", path));

  Clip clip;
  clip.info = source->info();
  clip.skipped = source->skipped();
  std::vector<cv::Mat> images;
  for (const Frame& frame : frames) {
    clip.names.push_back(frame.name);
    images.push_back(frame.image);
  }
  MemorySource memory(frames, clip.info);
  const SceneModel scene = model_scene(memory, recipe.background);
  if (scene.alignment) {
    for (cv::Mat& image : images) image = align(image, scene.alignment->transform_of(image));
  }
  clip.frames = to_tensor(images);
  clip.gains = recipe.background.follow_exposure ? gains_of(images, scene.background)
                                                 : torch::ones(clip.frames.size(0));
  clip.scene = to_tensors(scene, clip.info.roi);
  return clip;
}

std::vector<Clip> load_clips(const std::vector<NamedSequence>& sequences, const Recipe& recipe) {
  std::vector<Clip> clips;
  for (const NamedSequence& sequence : sequences) {
    clips.push_back(load_clip(sequence.path, recipe));
    clips.back().info.name = sequence.name;
  }
  const bool color = std::any_of(clips.begin(), clips.end(),
                                 [](const Clip& clip) { return clip.info.channels == 3; });
  if (color) std::for_each(clips.begin(), clips.end(), to_color);
  return clips;
}

}  // namespace proxseg
