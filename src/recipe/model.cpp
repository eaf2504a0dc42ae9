#include "proxseg/recipe/model.h"

#include <fmt/format.h>

#include "proxseg/core/device.h"
#include "proxseg/core/error.h"
#include "proxseg/core/process.h"
#include "proxseg/recipe/fields.h"
#include "proxseg/recipe/load.h"

namespace proxseg {
namespace fs = std::filesystem;
namespace {

constexpr const char* kRecipeKey = "recipe";
constexpr const char* kChannelsKey = "frame_channels";

const std::string& metadata(const WeightsFile& file, const std::string& key, const fs::path& path) {
  const auto found = file.metadata.find(key);
  if (found != file.metadata.end()) return found->second;
  throw ModelError(fmt::format("'{}' has no '{}' in its metadata", path.string(), key),
                   "Use a model.safetensors that a run has written.");
}

int64_t parse_channels(const std::string& text, const fs::path& path) {
  if (text == "1" || text == "3") return text == "1" ? 1 : 3;
  throw ModelError(
      fmt::format("'{}': {} = '{}': must be 1 or 3", path.string(), kChannelsKey, text));
}

Recipe parse_recipe(const std::string& text, const fs::path& path) {
  try {
    return recipe_from_json(text, path.string());
  } catch (const ConfigError& error) {
    throw ModelError(
        fmt::format("the recipe in '{}' cannot be read: {}", path.string(), error.what()));
  }
}

std::optional<int64_t> channels_in(const WeightsFile& weights, const fs::path& path) {
  const auto found = weights.metadata.find(kChannelsKey);
  if (found == weights.metadata.end()) return std::nullopt;
  return parse_channels(found->second, path);
}

// Before memory is taken for a network: its largest convolution, [2 c, c, 3, 3] in the middle, must
// be in the file.
void check_size(const Recipe& recipe, const WeightsFile& weights, const fs::path& path) {
  const int64_t c = recipe.model.unet.channels << (recipe.model.unet.depth - 1);
  int64_t held = 0;
  for (const auto& [name, tensor] : weights.tensors) held += tensor.numel();
  if (held >= 18 * c * c) return;
  throw ModelError(fmt::format("'{}' does not fit the network: it holds {} numbers, its recipe's "
                               "network has more than {}",
                               path.string(), held, 18 * c * c),
                   "Use weights that were trained with the same recipe.");
}

}  // namespace

bool computes_in_bfloat16(const Recipe& recipe) {
  if (recipe.precision != Precision::kAuto) return recipe.precision == Precision::kBFloat16;
  return parse_device(recipe.device).is_cpu() && cpu_has_bfloat16();
}

fs::path model_file(const fs::path& path) {
  std::error_code error;
  return fs::is_directory(path, error) ? path / "model.safetensors" : path;
}

UNetOptions network_options(Form form, UNetOptions options, int64_t frame_channels) {
  const bool masked = form == Form::kMasked;
  options.in_channels = masked ? 2 * frame_channels : frame_channels;
  options.out_channels = masked ? 1 : frame_channels;
  options.out_bias = masked;
  return options;
}

Model::Model(const Recipe& r, int64_t channels)
    : recipe(r),
      frame_channels(channels),
      network(network_options(r.model.form, r.model.unet, channels), r.seed) {}

Metadata metadata_of(const Model& model) {
  return {{kRecipeKey, to_json(model.recipe)},
          {kChannelsKey, std::to_string(model.frame_channels)}};
}

void save_model(const fs::path& path, const Model& model) {
  save_safetensors(path, {model.network.state(), metadata_of(model)});
}

Model load_model(const fs::path& path, const std::vector<Override>& overrides) {
  const fs::path file = model_file(path);
  const WeightsFile weights = load_safetensors(file);
  const Recipe stored = parse_recipe(metadata(weights, kRecipeKey, file), file);
  const Recipe recipe =
      overrides.empty() ? stored : recipe_from_json(to_json(stored), file.string(), overrides);
  check_size(recipe, weights, file);
  Model model(recipe, parse_channels(metadata(weights, kChannelsKey, file), file));
  load_state(model.network, weights.tensors, file.string());
  return model;
}

std::optional<int64_t> frame_channels_of(const fs::path& path) {
  const fs::path file = model_file(path);
  return channels_in(load_safetensors(file), file);
}

void load_weights(const fs::path& path, Model& model) {
  const fs::path file = model_file(path);
  const WeightsFile weights = load_safetensors(file);
  if (model.frame_channels == 3 && channels_in(weights, file) == 1) {
    throw ModelError(fmt::format("'{}' does not fit: a network of grey frames, these are in colour",
                                 file.string()),
                     "Set input.gray to true.");
  }
  load_state(model.network, weights.tensors, file.string());
}

}  // namespace proxseg
