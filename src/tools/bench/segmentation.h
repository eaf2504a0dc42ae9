// Training and segmenting, timed on a sequence.
#pragma once

#include <filesystem>
#include <string>

#include "proxseg/tools/bench.h"

namespace proxseg {

// Trains a network for a few steps, enough for plausible masks, and saves it to model.
TrainingRate measure_training(const std::string& recipe, int64_t threads,
                              const std::filesystem::path& sequence,
                              const std::filesystem::path& model);

// Rates of a saved network. masks: folder to write to.
InferenceRate measure_network(const std::filesystem::path& model, Precision precision,
                              int64_t batch, const std::filesystem::path& sequence,
                              const std::filesystem::path& masks);

InferenceRate measure_baseline(const std::string& name, const std::filesystem::path& sequence,
                               const std::filesystem::path& masks);

}  // namespace proxseg
