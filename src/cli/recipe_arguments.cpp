#include "recipe_arguments.h"

#include <fmt/format.h>

#include "proxseg/config/fields.h"

namespace proxseg::cli {
namespace {

// --NAME for the field whose key is NAME.
void add_field_flag(CLI::App& command, RecipeArguments& arguments, const std::string& name) {
  const Field& field = *find_field(name);
  command
      .add_option_function<std::string>(
          "--" + name,
          [&arguments, name](const std::string& text) { arguments.field_flags[name] = text; },
          fmt::format("{} ({})", field.help, expectation(field)))
      ->type_name("VALUE")
      ->group("Recipe");
}

}  // namespace

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
  for (const char* name : {"seed", "device", "precision", "threads"}) {
    add_field_flag(command, arguments, name);
  }
}

std::vector<Override> overrides_of(const RecipeArguments& arguments) {
  std::vector<Override> overrides;
  for (const std::string& assignment : arguments.assignments) overrides.push_back({assignment});
  for (const auto& [key, text] : arguments.field_flags) {
    overrides.push_back({key + "=" + text, "--" + key});
  }
  return overrides;
}

ResolvedRecipe resolve(const RecipeArguments& arguments) {
  return resolve_recipe(arguments.config, overrides_of(arguments));
}

}  // namespace proxseg::cli
