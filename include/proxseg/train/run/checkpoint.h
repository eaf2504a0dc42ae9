// Checkpoints: folders that appear whole or not at all, RUN/checkpoints/NNNNNN/{model.safetensors,
// optimizer.pt, checkpoint.json}. The link `last` leads to the latest.
#pragma once

#include <filesystem>
#include <optional>

#include "proxseg/train/trainer.h"

namespace proxseg {

// What a run has done up to a step.
struct TrainProgress {
  StepReport last;       // of the last step
  double seconds = 0.0;  // in steps, of all calls that made them
  PhaseSeconds phases;   // of the same calls, up to here
};

// Writes the checkpoint of trainer.next_step() steps and removes all but the two latest. Throws
// OutputError.
void save_checkpoint(const std::filesystem::path& checkpoints, Trainer& trainer,
                     const TrainProgress& progress);

// Steps up to the latest checkpoint; 0 where there is none.
int64_t steps_of_latest(const std::filesystem::path& checkpoints);

// Restores the latest checkpoint that is whole, by its checksums, and can be read, warning of each
// that is not. Nothing where there is no checkpoint. Throws ModelError if there are some and none
// can be read.
std::optional<TrainProgress> restore_latest_checkpoint(const std::filesystem::path& checkpoints,
                                                       Trainer& trainer);

// The frame channels of the latest checkpoint whose model can be read and says so.
std::optional<int64_t> frame_channels_of_checkpoint(const std::filesystem::path& checkpoints);

}  // namespace proxseg
