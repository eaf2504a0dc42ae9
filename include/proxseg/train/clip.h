// The frames that a network is trained on, in memory.
#pragma once

#include <torch/types.h>

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "proxseg/media/sequences.h"
#include "proxseg/media/source.h"
#include "proxseg/recipe/recipe.h"
#include "proxseg/scene/decomposition.h"

namespace proxseg {

// The frames of a sequence that show one state of its scene, as view_of() shows them.
struct Clip {
  torch::Tensor frames;  // [T, C, H, W] uint8, C = 1 or 3 (BGR)
  torch::Tensor gains;   // [T] float32, of the frames by exposure_gain(); 1 if not followed
  SceneTensors scene;
  std::vector<std::string> names;  // of the T frames
  std::vector<std::string> skipped;
  SequenceInfo info;
  int64_t state = 0;  // of the scene, from 0
};

// Opens a sequence to train on as open_source() does.
using OpenSource =
    std::function<std::unique_ptr<FrameSource>(const std::string& path, const SourceOptions&)>;

// What load_clips() tells and asks.
struct LoadCallbacks {
  // After each frame of a sequence that is read; total: 0 where it is unknown. Once all are,
  // read == total, and the scene is learned from them.
  std::function<void(const std::string& sequence, int64_t read, int64_t total)> on_read =
      [](const std::string&, int64_t, int64_t) {};
  // Asked after every frame; once it is true, nothing is loaded.
  std::function<bool()> should_stop = [] { return false; };
  // Opens the inputs; for callers that want to see the frames as well.
  OpenSource open = open_source;
};

// The clip of the state of most frames. Reads the sequence once, keeps at most recipe.train.max_frames frames spread evenly over it (fewer
// where `clips` clips of that many need more memory than frames_to_hold() allows) and models the
// scene from them. Throws InputError as open_source() and model_scene() do.
Clip load_clip(const std::string& path, const Recipe& recipe, int64_t clips = 1,
               const OpenSource& open = open_source);

// One clip for each state of each sequence, all of three channels if one is in colour or in_color asks for it.
// Empty where it was stopped.
std::vector<Clip> load_clips(const std::vector<NamedSequence>& sequences, const Recipe& recipe,
                             bool in_color = false, const LoadCallbacks& callbacks = {});

}  // namespace proxseg
