// Checkpoints: folders that appear whole or not at all, RUN/checkpoints/NNNNNN/{model.safetensors,
// optimizer.pt, checkpoint.json}; the links `last` and `best` lead to two of them.
#pragma once

#include <filesystem>
#include <optional>

#include "proxseg/train/trainer.h"

namespace proxseg {

// Writes the checkpoint of trainer.next_step() steps and removes all but the two latest and the
// best, that of the lowest loss. last: the report of the last step. loss: the mean over the steps
// since the checkpoint before. Throws OutputError.
void save_checkpoint(const std::filesystem::path& checkpoints, Trainer& trainer,
                     const StepReport& last, double loss);

// Restores the latest checkpoint that is whole, by its checksums, and can be read, warning of each
// that is not. Returns the report of its last step, or nothing where there is no checkpoint. Throws
// ModelError if there are some and none can be read.
std::optional<StepReport> restore_latest_checkpoint(const std::filesystem::path& checkpoints,
                                                    Trainer& trainer);

// The frame channels of the latest checkpoint whose model can be read and says so.
std::optional<int64_t> frame_channels_of_checkpoint(const std::filesystem::path& checkpoints);

}  // namespace proxseg
