#include "cli/recipe_arguments.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "proxseg/recipe/fields.h"

namespace proxseg::cli {
namespace {

std::string flag_of(const std::string& key) { return "--" + key.substr(key.rfind('.') + 1); }

}  // namespace

void add_field_flag(CLI::App& command, RecipeArguments& arguments, const std::string& key) {
  const Field& field = *find_field(key);
  command
      .add_option_function<std::string>(
          flag_of(key),
          [&arguments, key](const std::string& text) { arguments.field_flags[key] = text; },
          fmt::format("{} ({})", field.help, expectation(field)))
      ->type_name(field.choices.empty() ? "VALUE"
                                        : fmt::format("{}", fmt::join(field.choices, "|")))
      ->group("Recipe");
}

void add_set_option(CLI::App& command, RecipeArguments& arguments) {
  command
      .add_option("--set", arguments.assignments,
                  "Set one value of the recipe, e.g. train.steps=500; may be repeated")
      ->type_name("KEY=VALUE")
      ->allow_extra_args(false)
      ->group("Recipe");
}

void add_recipe_arguments(CLI::App& command, RecipeArguments& arguments) {
  command
      .add_option("--config", arguments.config,
                  "Recipe: a built-in one ('proxseg config list') or a file")
      ->type_name("NAME|FILE")
      ->capture_default_str()
      ->group("Recipe");
  add_set_option(command, arguments);
  for (const char* key : {"seed", "device", "precision", "threads", "input.roi"}) {
    add_field_flag(command, arguments, key);
  }
}

std::vector<Override> overrides_of(const RecipeArguments& arguments) {
  std::vector<Override> overrides;
  for (const std::string& assignment : arguments.assignments) overrides.push_back({assignment});
  for (const auto& [key, text] : arguments.field_flags) {
    overrides.push_back({key + "=" + text, flag_of(key)});
  }
  return overrides;
}

ResolvedRecipe resolve(const RecipeArguments& arguments) {
  return resolve_recipe(arguments.config, overrides_of(arguments));
}

}  // namespace proxseg::cli
