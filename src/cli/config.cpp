#include <fmt/format.h>

#include <algorithm>
#include <nlohmann/json.hpp>

#include "cli/command.h"
#include "cli/log.h"
#include "cli/recipe_arguments.h"
#include "proxseg/core/file.h"
#include "proxseg/core/text.h"
#include "proxseg/recipe/fields.h"
#include "proxseg/recipe/load.h"
#include "proxseg/train/session.h"

namespace proxseg::cli {
namespace {

constexpr const char* kExamples = R"(Examples:
  proxseg config list
  proxseg config show default --origin
  proxseg config show fast --set train.steps=500 --json > my.json
  proxseg config check my.json
  proxseg config diff default fast
  proxseg config diff runs/monday runs/tuesday --json
  proxseg config reference > recipes.md)";

struct ShowOptions {
  RecipeArguments recipe;
  bool origin = false;
  bool json = false;
};

struct CheckOptions {
  RecipeArguments recipe;
  bool json = false;
};

struct DiffOptions {
  std::string first, second;
  bool json = false;
};

void list(const bool& json) {
  auto recipes = nlohmann::ordered_json::array();
  for (const BuiltinRecipe& builtin : builtin_recipes()) {
    const std::string name(builtin.name), description = load_recipe(name).description;
    if (json) {
      recipes.push_back({{"name", name}, {"description", description}});
    } else {
      say("{:<12} {}\n", name, description);
    }
  }
  if (json) fmt::print("{}", json_text(recipes));
}

// key = value, as --set takes it.
void show_lines(const ResolvedRecipe& resolved, bool with_origin) {
  for (const Field& field : recipe_fields()) {
    const std::string line = fmt::format("{} = {}", field.key, to_text(field.get(resolved.recipe)));
    if (with_origin) {
      say("{:<40}  # {}\n", line, resolved.origins.at(field.key));
    } else {
      say("{}\n", line);
    }
  }
}

void show_origins_as_json(const ResolvedRecipe& resolved) {
  nlohmann::ordered_json rows;
  for (const Field& field : recipe_fields()) {
    rows[field.key]["value"] = value_as_json(field.get(resolved.recipe));
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

void check(const CheckOptions& options) {
  resolve(options.recipe);
  if (options.json) {
    fmt::print("{}", json_text(nlohmann::ordered_json{{"recipe", options.recipe.config},
                                                      {"problems", nlohmann::json::array()}}));
  } else {
    say("{}: ok\n", options.recipe.config);
  }
}

// Of a run folder, a file or a built-in recipe.
Recipe recipe_named(const std::string& name) {
  const bool is_builtin = std::ranges::any_of(
      builtin_recipes(), [&](const BuiltinRecipe& builtin) { return builtin.name == name; });
  return is_folder(name) && !is_builtin ? recipe_of_run(name).recipe : load_recipe(name);
}

void diff(const DiffOptions& options) {
  const Recipe first = recipe_named(options.first), second = recipe_named(options.second);
  std::vector<Cells> rows = {{"field", options.first, options.second}};
  nlohmann::ordered_json fields = nlohmann::ordered_json::object();
  for (const auto& [key, from, to] : differences_between(first, second)) {
    if (key == "description") continue;
    rows.push_back({key, to_text(from), to_text(to)});
    fields[key] = {value_as_json(from), value_as_json(to)};
  }
  if (options.json) {
    fmt::print("{}", json_text(nlohmann::ordered_json{{"recipes", {options.first, options.second}},
                                                      {"fields", fields}}));
  } else if (rows.size() == 1) {
    say("{} and {} are the same recipe\n", options.first, options.second);
  } else {
    say("{}", text_table(rows, 3, {line_width(stdout), {}, ""}));
  }
}

}  // namespace

void add_config(CLI::App& app) {
  CLI::App* config = app.add_subcommand("config", "List, show, compare and check recipes");
  config->require_subcommand(1);
  config->footer(kExamples);
  const auto [list_command, as_json] =
      add_command(*config, "list", "List the built-in recipes", list, kExamples);
  list_command->add_flag("--json", *as_json, "Print the list as JSON");
  const auto [show_command, shown] =
      add_command(*config, "show", "Print every value of a recipe", show, kExamples);
  show_command->add_option("RECIPE", shown->recipe.config, "A built-in recipe or a file")
      ->type_name("NAME|FILE")
      ->capture_default_str();
  add_set_option(*show_command, shown->recipe);
  show_command->add_flag("--origin", shown->origin, "Show where each value comes from");
  show_command->add_flag("--json", shown->json, "Print JSON; without --origin, a recipe file");
  const auto [check_command, checked] =
      add_command(*config, "check", "List every problem of a recipe", check, kExamples);
  check_command->add_option("RECIPE", checked->recipe.config, "A file or a built-in recipe")
      ->type_name("NAME|FILE")
      ->required();
  add_set_option(*check_command, checked->recipe);
  check_command->add_flag("--json", checked->json, "Print the result as JSON");
  const auto [diff_command, compared] =
      add_command(*config, "diff", "Print the fields in which two recipes differ", diff, kExamples);
  const char* kinds = "A built-in recipe, a file or a run folder";
  diff_command->add_option("A", compared->first, kinds)->type_name("NAME|FILE|RUN")->required();
  diff_command->add_option("B", compared->second, kinds)->type_name("NAME|FILE|RUN")->required();
  diff_command->add_flag("--json", compared->json, "Print the fields as JSON: {\"KEY\": [A, B]}");
  config->add_subcommand("reference", "Print the reference of all keys as Markdown")->callback([] {
    fmt::print("{}", reference_markdown());
  });
  config->add_subcommand("schema", "Print the JSON schema of recipes, for editors")->callback([] {
    fmt::print("{}", json_schema());
  });
}

}  // namespace proxseg::cli
