// How many frames training keeps in memory, and how much of a batch it processes at once, to stay
// within train.memory: a quarter of that is for the frames of all clips, half for the network in a
// step, a quarter for the loss. A plan depends on the recipe and on sizes alone, never on the
// machine.
#pragma once

#include <cstdint>

#include "proxseg/recipe/recipe.h"

namespace proxseg {

// Frames of one clip that may be kept, at least 1: train.max_frames, or fewer where `clips` clips
// of frames of `frame_bytes` bytes would not fit.
int64_t frames_to_hold(const TrainOptions& options, int64_t frame_bytes, int64_t clips);

// What the network keeps of one frame of height x width from its forward to its backward pass, and
// what the backward pass adds. An estimate, in bytes.
int64_t activation_bytes(const UNetOptions& options, int64_t height, int64_t width);

struct StepPlan {
  // Into how many chunks the frames of a batch are cut, as equal as can be, each of a frame or more
  // for every process. In more than one, the network runs twice: without and, once the gradient of
  // the loss is known, with autograd.
  int64_t chunks = 1;
  // The loss goes through the batch in pieces.
  bool loss_in_pieces = false;
};

// For a batch of frames of channels x height x width, at least one for each of `processes`
// processes, which share every chunk. network: with its channels in and out.
StepPlan plan_step(const TrainOptions& options, const UNetOptions& network, int64_t frames,
                   int64_t channels, int64_t height, int64_t width, int64_t processes = 1);

}  // namespace proxseg
