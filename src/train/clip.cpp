#include "proxseg/train/clip.h"

#include <fmt/format.h>
#include <spdlog/spdlog.h>

#include <algorithm>
#include <utility>

#include "proxseg/core/error.h"
#include "proxseg/core/process.h"
#include "proxseg/media/source.h"
#include "proxseg/scene/exposure.h"
#include "proxseg/scene/reservoir.h"
#include "proxseg/scene/scene_model.h"
#include "proxseg/scene/shadow.h"
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

// Empty where it was stopped.
std::vector<Frame> read_frames(FrameSource& source, const TrainOptions& options, int64_t clips,
                               const std::string& name, const LoadCallbacks& callbacks) {
  const SequenceInfo& info = source.info();
  const int64_t frame_bytes = static_cast<int64_t>(info.size.area()) * info.channels;
  const int64_t most = frames_to_hold(options, frame_bytes, clips);
  FrameReservoir reservoir(most);
  int64_t read = 0;
  while (auto frame = source.next()) {
    reservoir.add(std::move(*frame));
    callbacks.on_read(name, ++read, info.frames);
    if (callbacks.should_stop()) return {};
  }
  callbacks.on_read(name, read, read);
  std::vector<Frame> frames = std::move(reservoir).take();
  if (frames.empty()) throw InputError(fmt::format("'{}' has no readable frame", info.path));
  if (read > most && most < options.max_frames) {
    spdlog::info("'{}': one of every {} of {} frames is held, as train.memory allows {} of {} x {}",
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

// The frames of one state.
Clip clip_of(std::vector<Frame> frames, const SceneState& state, SequenceInfo info,
             const Recipe& recipe) {
  Clip clip;
  clip.info = std::move(info);
  std::vector<cv::Mat> images;
  for (Frame& frame : frames) {
    clip.names.push_back(std::move(frame.name));
    images.push_back(view_of(frame.image, state).at(state.background.size()));
    frame.image.release();
  }
  clip.gains = recipe.background.follow_exposure ? gains_of(images, state.background)
                                                 : torch::ones(static_cast<int64_t>(images.size()));
  clip.frames = take_images(std::move(images));
  clip.scene = to_tensors(state, clip.info.roi);
  clip.scene.tells_shadows = recipe.mask.remove_shadows && tells_shadows(state);
  return clip;
}

// One clip for each state of the scene; none where it was stopped.
std::vector<Clip> read_clips(const NamedSequence& sequence, const Recipe& recipe, int64_t sequences,
                             const LoadCallbacks& callbacks) {
  const auto source = prefetch(callbacks.open(sequence.path, recipe.input));
  std::vector<Frame> frames =
      read_frames(*source, recipe.train, sequences, sequence.name, callbacks);
  if (frames.empty()) return {};
  const SceneModel scene = [&] {
    MemorySource memory(frames, source->info());  // shares the images only as long as it lives
    return model_scene(memory, recipe.background);
  }();
  std::vector<std::vector<Frame>> by_state(scene.states.size());
  for (Frame& frame : frames) by_state[scene.state_of(frame.image)].push_back(std::move(frame));
  std::vector<Clip> clips;
  for (size_t k = 0; k < by_state.size(); ++k) {
    if (by_state[k].empty()) continue;
    clips.push_back(clip_of(std::move(by_state[k]), scene.states[k], source->info(), recipe));
    clips.back().state = static_cast<int64_t>(k);
  }
  clips[0].skipped = source->skipped();
  release_freed_memory();
  return clips;
}

}  // namespace

Clip load_clip(const std::string& path, const Recipe& recipe, int64_t clips,
               const OpenSource& open) {
  LoadCallbacks callbacks;
  callbacks.open = open;
  return std::move(read_clips({path, ""}, recipe, clips, callbacks)[0]);
}

std::vector<Clip> load_clips(const std::vector<NamedSequence>& sequences, const Recipe& recipe,
                             bool in_color, const LoadCallbacks& callbacks) {
  std::vector<Clip> clips;
  for (const NamedSequence& sequence : sequences) {
    auto read = read_clips(sequence, recipe, static_cast<int64_t>(sequences.size()), callbacks);
    if (read.empty() || callbacks.should_stop()) return {};
    for (Clip& clip : read) {
      clip.info.name = sequence.name;
      clips.push_back(std::move(clip));
    }
  }
  const bool color = std::any_of(clips.begin(), clips.end(),
                                 [](const Clip& clip) { return clip.info.channels == 3; });
  if (color || in_color) std::for_each(clips.begin(), clips.end(), to_color);
  return clips;
}

}  // namespace proxseg
