#include "proxseg/train/clip.h"

#include <fmt/format.h>
#include <spdlog/spdlog.h>

#include <algorithm>
#include <optional>
#include <utility>

#include "proxseg/core/error.h"
#include "proxseg/core/memory.h"
#include "proxseg/media/memory_source.h"
#include "proxseg/media/transform.h"
#include "proxseg/scene/exposure.h"
#include "proxseg/scene/reservoir.h"
#include "proxseg/scene/scene_model.h"
#include "proxseg/scene/tensors.h"
#include "proxseg/train/memory.h"

namespace proxseg {
namespace {

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

using ShouldStop = std::function<bool()>;

// Empty where it was stopped.
std::vector<Frame> read_frames(FrameSource& source, const TrainOptions& options, int64_t clips,
                               const ShouldStop& should_stop) {
  const SequenceInfo& info = source.info();
  const int64_t frame_bytes = static_cast<int64_t>(info.size.area()) * info.channels;
  const int64_t most = frames_to_hold(options, frame_bytes, clips);
  FrameReservoir reservoir(most);
  int64_t read = 0;
  for (; auto frame = source.next(); ++read) {
    reservoir.add(std::move(*frame));
    if (should_stop()) return {};
  }
  std::vector<Frame> frames = std::move(reservoir).take();
  if (frames.empty()) throw InputError(fmt::format("'{}' has no readable frame", info.path));
  if (read > most && most < options.max_frames) {
    spdlog::info("'{}': every {}th of {} frames is held, as train.memory allows {} of {} x {}",
                 info.path, (read + frames.size() - 1) / frames.size(), read, most, info.size.width,
                 info.size.height);
  }
  return frames;
}

// [T, C, H, W] uint8. Releases the images as it goes.
torch::Tensor take_images(std::vector<cv::Mat> images) {
  torch::Tensor all;
  for (size_t i = 0; i < images.size(); ++i) {
    const torch::Tensor one = to_tensor({images[i]});
    if (i == 0) {
      all =
          torch::empty({static_cast<int64_t>(images.size()), one.size(1), one.size(2), one.size(3)},
                       torch::kUInt8);
    }
    all[static_cast<int64_t>(i)].copy_(one[0]);
    images[i].release();
  }
  return all;
}

// Nothing where it was stopped.
std::optional<Clip> read_clip(const std::string& path, const Recipe& recipe, int64_t clips,
                              const ShouldStop& should_stop, const OpenSource& open) {
  const auto source = prefetch(open(path, recipe.input));
  std::vector<Frame> frames = read_frames(*source, recipe.train, clips, should_stop);
  if (frames.empty()) return std::nullopt;
  Clip clip;
  clip.info = source->info();
  clip.skipped = source->skipped();
  const SceneModel scene = [&] {
    MemorySource memory(frames, clip.info);  // shares the images only as long as it lives
    return model_scene(memory, recipe.background);
  }();
  std::vector<cv::Mat> images;
  for (Frame& frame : frames) {
    if (scene.alignment) {
      frame.image = align(frame.image, scene.alignment->transform_of(frame.image));
    }
    clip.names.push_back(std::move(frame.name));
    images.push_back(std::move(frame.image));
  }
  clip.gains = recipe.background.follow_exposure ? gains_of(images, scene.background)
                                                 : torch::ones(static_cast<int64_t>(images.size()));
  clip.frames = take_images(std::move(images));
  release_freed_memory();
  clip.scene = to_tensors(scene, clip.info.roi);
  return clip;
}

}  // namespace

Clip load_clip(const std::string& path, const Recipe& recipe, int64_t clips,
               const OpenSource& open) {
  return std::move(*read_clip(
      path, recipe, clips, [] { return false; }, open));
}

std::vector<Clip> load_clips(const std::vector<NamedSequence>& sequences, const Recipe& recipe,
                             bool in_color, const ShouldStop& should_stop, const OpenSource& open) {
  std::vector<Clip> clips;
  for (const NamedSequence& sequence : sequences) {
    auto clip =
        read_clip(sequence.path, recipe, static_cast<int64_t>(sequences.size()), should_stop, open);
    if (!clip || should_stop()) return {};
    clip->info.name = sequence.name;
    clips.push_back(std::move(*clip));
  }
  const bool color = std::any_of(clips.begin(), clips.end(),
                                 [](const Clip& clip) { return clip.info.channels == 3; });
  if (color || in_color) std::for_each(clips.begin(), clips.end(), to_color);
  return clips;
}

}  // namespace proxseg
