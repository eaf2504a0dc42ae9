#include "proxseg/train/clip.h"

#include <fmt/format.h>

#include "proxseg/core/error.h"
#include "proxseg/media/transform.h"
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

}  // namespace

void settle_scale(ResolvedRecipe& resolved, const std::string& path) {
  SourceOptions& input = resolved.recipe.input;
  if (input.scale != 0.0) return;
  input.scale = 1.0;
  input.scale = automatic_scale(open_source(path, input)->info().size);
  resolved.origins["input.scale"] = "automatic";
}

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
  clip.scene = to_tensors(scene, clip.info.roi);
  return clip;
}

}  // namespace proxseg
