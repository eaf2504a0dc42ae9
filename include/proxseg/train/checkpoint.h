// Checkpoints: folders that appear whole or not at all, RUN/checkpoints/NNNNNN/{model.safetensors,
// optimizer.pt, checkpoint.json}; the links `last` and `best` lead to two of them.
#pragma once

#include <filesystem>
#include <optional>

#include "proxseg/train/trainer.h"

namespace proxseg {

// Writes the checkpoint of trainer.next_step() steps and removes all but the two latest and the
// best, that of the lowest loss. loss: the mean over the steps since the checkpoint before. Throws
// OutputError.
void save_checkpoint(const std::filesystem::path& checkpoints, Trainer& trainer, double loss);

// Restores the latest checkpoint that can be read, warning of each that cannot. Returns its steps,
// or nothing where there is no checkpoint. Throws ModelError if there are some and none can be
// read.
std::optional<int64_t> restore_latest_checkpoint(const std::filesystem::path& checkpoints,
                                                 Trainer& trainer);

}  // namespace proxseg
