#include "proxseg/recipe/model.h"

#include <fmt/format.h>

#include <algorithm>
#include <cstdlib>
#include <fstream>
#include <iterator>
#include <string_view>

#include "proxseg/core/device.h"
#include "proxseg/core/error.h"
#include "proxseg/core/file.h"
#include "proxseg/core/process.h"
#include "proxseg/core/sha256.h"
#include "proxseg/core/text.h"
#include "proxseg/recipe/fields.h"
#include "proxseg/recipe/generic.h"
#include "proxseg/recipe/load.h"

// Of generic.cpp: where the weights of data/generic/ begin and end.
extern "C" const char kProxsegGenericBegin[];
extern "C" const char kProxsegGenericEnd[];

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

std::string generic_bytes() { return {kProxsegGenericBegin, kProxsegGenericEnd}; }

// Throws ModelError where the path names no file, and says what may have been meant.
void expect_model(const fs::path& path) {
  if (path == kGenericModel || is_there(model_file(path))) return;
  if (is_there(path / "ledger.sqlite")) {
    throw ModelError(
        fmt::format("'{}' holds a sweep, not a run", path.string()),
        fmt::format("Give the run of one of its trials; the best one's folder is named "
                    "by: proxseg sweep best {}",
                    shell_path(path.string())));
  }
  if (is_folder(path)) {
    throw ModelError(
        fmt::format("'{}' holds no trained network: model.safetensors is missing", path.string()),
        "Give a run that has been trained to its end.");
  }
  throw ModelError(
      fmt::format("no model '{}'{}", path.string(),
                  did_you_mean(nearest(path.string(), {kGenericModel}))),
      "Give a run folder, a model.safetensors, or generic, the network of the program.");
}

// path: as for model_file().
WeightsFile read_model(const fs::path& path) {
  expect_model(path);
  return path == kGenericModel ? parse_safetensors(generic_bytes())
                               : load_safetensors(model_file(path));
}

// That of a training, but for masks: the network is less sure than one that knows the scene, so that they go on
// from what it is sure of.
Recipe recipe_of_generic(const std::vector<Override>& overrides) {
  std::vector<Override> all = {{"mask.weak=0.3"}};
  all.insert(all.end(), overrides.begin(), overrides.end());
  return load_recipe("default", all);
}

Recipe recipe_of(const WeightsFile& weights, const fs::path& path,
                 const std::vector<Override>& overrides) {
  if (path == kGenericModel) return recipe_of_generic(overrides);
  const fs::path file = model_file(path);
  Recipe stored = parse_recipe(metadata(weights, kRecipeKey, file), file);
  stored.threads = Recipe().threads;
  return overrides.empty() ? stored : recipe_from_json(to_json(stored), file.string(), overrides);
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

// options with the channels in and out, and the bias of the output, that the form asks for.
UNetOptions network_options(Form form, UNetOptions options, int64_t frame_channels) {
  const bool masked = form == Form::kMasked;
  options.in_channels = masked ? 2 * frame_channels : frame_channels;
  options.out_channels = masked ? 1 : frame_channels;
  options.out_bias = masked;
  return options;
}

}  // namespace

bool computes_in_bfloat16(const Recipe& recipe) {
  if (recipe.precision != Precision::kAuto) return recipe.precision == Precision::kBFloat16;
  if (const char* variable = std::getenv("PROXSEG_PRECISION"); variable && *variable != '\0') {
    const std::string_view name = variable;
    if (name == "fp32" || name == "bf16") return name == "bf16";
    throw UsageError(fmt::format("PROXSEG_PRECISION is '{}', which is no precision", name),
                     "Set it to fp32 or bf16, or leave it out.");
  }
  return parse_device(recipe.device).is_cpu() && cpu_gains_by_bfloat16();
}

fs::path model_file(const fs::path& path) {
  const bool is_run = path != kGenericModel && is_folder(path);
  return is_run ? path / "model.safetensors" : path;
}

std::string sha256_of_model(const fs::path& path) {
  if (path == kGenericModel) return sha256(generic_bytes());
  const fs::path file = model_file(path);
  std::ifstream stream(file, std::ios::binary);
  const std::string bytes(std::istreambuf_iterator<char>(stream), {});
  if (!stream) throw ModelError(fmt::format("cannot read '{}'", file.string()));
  return sha256(bytes);
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
  const WeightsFile weights = read_model(path);
  const Recipe recipe = recipe_of(weights, path, overrides);
  check_size(recipe, weights, file);
  Model model(recipe, parse_channels(metadata(weights, kChannelsKey, file), file));
  load_state(model.network, weights.tensors, file.string());
  return model;
}

std::optional<int64_t> frame_channels_of(const fs::path& path) {
  return channels_in(read_model(path), model_file(path));
}

void load_weights(const fs::path& path, Model& model) {
  const fs::path file = model_file(path);
  const WeightsFile weights = read_model(path);
  if (model.frame_channels == 3 && channels_in(weights, file) == 1) {
    throw ModelError(fmt::format("'{}' does not fit: a network of grey frames, these are in colour",
                                 file.string()),
                     "Set input.gray to true.");
  }
  load_state(model.network, weights.tensors, file.string());
}

fs::path initial_weights(const Recipe& recipe) {
  const std::string& init = recipe.train.init;
  if (init == "none") return "";
  if (init != "auto") return init;
  const Recipe generic = load_recipe("default");
  const auto& fields = recipe_fields();
  const bool fits = std::all_of(fields.begin(), fields.end(), [&](const Field& field) {
    return !field.key.starts_with("model.") || field.get(recipe) == field.get(generic);
  });
  return fits ? kGenericModel : "";
}

std::string take_initial_shape(ResolvedRecipe& resolved) {
  Recipe& recipe = resolved.recipe;
  if (recipe.train.init == "none" || recipe.train.init == "auto") return "";
  Recipe stored;
  try {
    stored = recipe_of(read_model(recipe.train.init), recipe.train.init, {});
  } catch (const Error&) {
    return "";  // the training says what is wrong with it
  }
  if (stored.model.form != recipe.model.form) return "";
  Recipe shaped = recipe;
  std::string taken;
  for (const Field& field : recipe_fields()) {
    if (!field.key.starts_with("model.") || field.get(stored) == field.get(recipe)) continue;
    const std::string& origin = resolved.origins.at(field.key);
    if (origin != "default" && !origin.starts_with("built-in ")) return "";
    field.set(shaped, field.get(stored));
    taken +=
        fmt::format("{}{} = {}", taken.empty() ? "" : ", ", field.key, to_text(field.get(stored)));
  }
  validate(shaped);
  for (const Field& field : recipe_fields()) {
    if (field.get(shaped) != field.get(recipe)) resolved.origins[field.key] = "train.init";
  }
  recipe = shaped;
  return taken;
}

}  // namespace proxseg
