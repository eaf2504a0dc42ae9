#include <fmt/format.h>

#include <nlohmann/json.hpp>

#include "cli/command.h"
#include "cli/recipe_arguments.h"
#include "proxseg/core/text.h"
#include "proxseg/recipe/fields.h"
#include "proxseg/recipe/load.h"

namespace proxseg::cli {
namespace {

constexpr const char* kExamples = R"(Examples:
  proxseg config list
  proxseg config show default --origin
  proxseg config show fast --set train.steps=500 --json > my.json
  proxseg config check my.json
  proxseg config reference > recipes.md)";

struct ShowOptions {
  RecipeArguments recipe;
  bool origin = false;
  bool json = false;
};

void list() {
  for (const BuiltinRecipe& builtin : builtin_recipes()) {
    const std::string name(builtin.name);
    fmt::print("{:<12} {}\n", name, load_recipe(name).description);
  }
}

// key = value, as --set takes it.
void show_lines(const ResolvedRecipe& resolved, bool with_origin) {
  for (const Field& field : recipe_fields()) {
    const std::string line = fmt::format("{} = {}", field.key, to_text(field.get(resolved.recipe)));
    if (with_origin) {
      fmt::print("{:<40}  # {}\n", line, resolved.origins.at(field.key));
    } else {
      fmt::print("{}\n", line);
    }
  }
}

void show_origins_as_json(const ResolvedRecipe& resolved) {
  nlohmann::ordered_json rows;
  for (const Field& field : recipe_fields()) {
    rows[field.key]["value"] = std::visit(
        [](const auto& held) { return nlohmann::ordered_json(held); }, field.get(resolved.recipe));
    rows[field.key]["origin"] = resolved.origins.at(field.key);
  }
  fmt::print("{}", json_text(rows));
}

void show(const ShowOptions& options) {
  const ResolvedRecipe resolved = resolve(options.recipe);
  if (!options.json) {
    show_lines(resolved, options.origin);
  } else if (options.origin) {
    show_origins_as_json(resolved);
  } else {
    fmt::print("{}", to_json(resolved.recipe));
  }
}

void check(const RecipeArguments& arguments) {
  resolve(arguments);
  fmt::print("{}: ok\n", arguments.config);
}

}  // namespace

void add_config(CLI::App& app) {
  CLI::App* config = app.add_subcommand("config", "List, show and check recipes");
  config->require_subcommand(1);
  config->footer(kExamples);
  config->add_subcommand("list", "List the built-in recipes")->callback(list);
  const auto [show_command, shown] =
      add_command(*config, "show", "Print every value of a recipe", show, kExamples);
  show_command->add_option("recipe", shown->recipe.config, "A built-in recipe or a file")
      ->type_name("NAME|FILE")
      ->capture_default_str();
  add_set_option(*show_command, shown->recipe);
  show_command->add_flag("--origin", shown->origin, "Show where each value comes from");
  show_command->add_flag("--json", shown->json, "Print JSON; without --origin, a recipe file");
  const auto [check_command, checked] =
      add_command(*config, "check", "List every problem of a recipe", check, kExamples);
  check_command->add_option("recipe", checked->config, "A file or a built-in recipe")
      ->type_name("FILE|NAME")
      ->required();
  add_set_option(*check_command, *checked);
  config->add_subcommand("reference", "Print the reference of all keys as Markdown")->callback([] {
    fmt::print("{}", reference_markdown());
  });
  config->add_subcommand("schema", "Print the JSON schema of recipes, for editors")->callback([] {
    fmt::print("{}", json_schema());
  });
}

}  // namespace proxseg::cli
