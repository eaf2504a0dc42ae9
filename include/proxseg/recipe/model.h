// A network and the recipe it is trained by; on disk, one safetensors file.
#pragma once

#include <filesystem>
#include <optional>
#include <vector>

#include "proxseg/nn/export/safetensors.h"
#include "proxseg/nn/unet.h"
#include "proxseg/recipe/load.h"

namespace proxseg {

struct Model {
  // A new network for frames of frame_channels (1 or 3) channels, with the channels in and out that the form asks
  // for and random weights by recipe.seed. Throws UsageError for options out of range.
  Model(const Recipe& recipe, int64_t frame_channels);

  Recipe recipe;
  int64_t frame_channels;
  UNet network;
};

// Whether the network computes in bfloat16 (its weights stay float32 during training).
// Precision::kAuto does where cpu_gains_by_bfloat16(), or as the environment's
// PROXSEG_PRECISION says, fp32 or bf16: a run that is made again on another machine names it there.
// Throws UsageError for an unknown device, and for anything else in that variable.
bool computes_in_bfloat16(const Recipe& recipe);

// Recipe and frame channels as text, as model files hold them beside the weights.
Metadata metadata_of(const Model& model);

// Weights, with recipe and frame channels in the metadata. Throws OutputError.
void save_model(const std::filesystem::path& path, const Model& model);

// The file of a model: path itself, or the model.safetensors of a run folder.
std::filesystem::path model_file(const std::filesystem::path& path);

// path: as for model_file().
// overrides: changes of the recipe it was trained by, e.g. mask.threshold=0.4. `threads` is not
// taken over: how many to use depends on the machine at hand.
// Throws ModelError: missing, damaged, or weights that do not fit the recipe; ConfigError for wrong
// overrides.
Model load_model(const std::filesystem::path& path, const std::vector<Override>& overrides = {});

// The frame channels of a model, if its file holds them; path as for load_model(). Throws
// ModelError.
std::optional<int64_t> frame_channels_of(const std::filesystem::path& path);

// Replaces the weights of model by those of a file of the same network; path as for load_model().
// Throws ModelError.
void load_weights(const std::filesystem::path& path, Model& model);

}  // namespace proxseg
