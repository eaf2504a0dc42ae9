#include "cli/recipe_arguments.h"

#include <fmt/format.h>
#include <fmt/ranges.h>
#include <spdlog/spdlog.h>

#include <algorithm>

#include "cli/log.h"
#include "proxseg/core/device.h"
#include "proxseg/core/error.h"
#include "proxseg/recipe/fields.h"
#include "proxseg/recipe/generic.h"
#include "proxseg/segment/network_segmenter.h"

namespace proxseg::cli {
namespace {

std::string flag_of(const std::string& key) { return "--" + key.substr(key.rfind('.') + 1); }

std::string key_of(const Override& given) {
  return given.assignment.substr(0, given.assignment.find('='));
}

}  // namespace

void add_field_flag(CLI::App& command, RecipeArguments& arguments, const std::string& key,
                    const char* source) {
  const Field& field = *find_field(key);
  command
      .add_option_function<std::string>(
          flag_of(key),
          [&arguments, key](const std::string& text) { arguments.field_flags[key] = text; },
          field.help)
      ->type_name(!field.choices.empty() ? fmt::format("{}", fmt::join(field.choices, "|"))
                  : field.type == FieldType::kInteger ? "N"
                                                      : "VALUE")
      ->default_str(source);
}

void add_set_option(CLI::App& command, RecipeArguments& arguments, const char* example) {
  command
      .add_option("--set", arguments.assignments,
                  fmt::format("Set one value of the recipe, e.g. {}; may be repeated", example))
      ->type_name("KEY=VALUE")
      ->allow_extra_args(false);
}

void add_recipe_arguments(CLI::App& command, RecipeArguments& arguments,
                          const std::vector<std::string>& fields, const char* example) {
  command
      .add_option("--config", arguments.config,
                  "Recipe: a built-in one ('proxseg config list') or a file")
      ->type_name("NAME|FILE")
      ->capture_default_str();
  add_set_option(command, arguments, example);
  for (const std::string& key : fields) add_field_flag(command, arguments, key);
}

std::vector<Override> overrides_of(const RecipeArguments& arguments) {
  std::vector<Override> overrides;
  for (const std::string& assignment : arguments.assignments) overrides.push_back({assignment});
  for (const auto& [key, text] : arguments.field_flags) {
    overrides.push_back({key + "=" + text, flag_of(key)});
  }
  return overrides;
}

bool is_given(const RecipeArguments& arguments, const std::string& key) {
  const auto overrides = overrides_of(arguments);
  return std::any_of(overrides.begin(), overrides.end(),
                     [&](const Override& given) { return key_of(given) == key; });
}

void expect_effect(const RecipeArguments& arguments, const std::vector<std::string>& fields) {
  for (const Override& given : overrides_of(arguments)) {
    const std::string key = key_of(given);
    const bool has_effect = std::any_of(fields.begin(), fields.end(), [&](const auto& field) {
      return field.ends_with('.') ? key.starts_with(field) : key == field;
    });
    if (has_effect || !find_field(key)) continue;
    throw UsageError(fmt::format("{}: {} has no effect here", given.flag, key),
                     fmt::format("What has: {}.", fmt::join(fields, ", ")));
  }
}

std::vector<std::string> with_fields_of_frames(std::vector<std::string> fields) {
  fields.insert(fields.end(),
                {"input.every", "input.range", "input.roi", "input.levels", "input.on_error"});
  return fields;
}

std::vector<std::string> fields_of_inference() {
  std::vector<std::string> fields = network_fields();
  fields.insert(fields.end(), {"device", "threads", "infer.batch"});
  return with_fields_of_frames(std::move(fields));
}

void check_settings(const RecipeArguments& arguments, const Recipe& recipe) {
  if (is_given(arguments, "device")) parse_device(recipe.device);
  if (recipe.infer.engine != Engine::kOpenCv) return;
  const bool wants_gpu = is_given(arguments, "device") && recipe.device != "cpu";
  const bool wants_bfloat16 =
      is_given(arguments, "precision") && recipe.precision == Precision::kBFloat16;
  if (!wants_gpu && !wants_bfloat16) return;
  throw UsageError(
      "engine opencv-dnn computes on the CPU in fp32",
      fmt::format("Leave {} out, or use --engine torch.", wants_gpu ? "--device" : "--precision"));
}

ResolvedRecipe resolve(const RecipeArguments& arguments) {
  ResolvedRecipe resolved = resolve_recipe(arguments.config, overrides_of(arguments));
  for (const Field& field : recipe_fields()) {
    const std::string& origin = resolved.origins.at(field.key);
    if (origin == "default") continue;
    spdlog::debug("{} = {} ({})", field.key, to_text(field.get(resolved.recipe)), origin);
  }
  return resolved;
}

ResolvedRecipe resolve_training(const RecipeArguments& arguments) {
  ResolvedRecipe resolved = resolve(arguments);
  parse_device(resolved.recipe.device);  // before anything is read
  if (const std::string taken = take_initial_shape(resolved); !taken.empty()) {
    note("network of the shape of '{}', which it starts from: {}\n", resolved.recipe.train.init,
         taken);
  }
  return resolved;
}

}  // namespace proxseg::cli
