#include <gtest/gtest.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <nlohmann/json.hpp>

#include "cli/command.h"
#include "cli/recipe_arguments.h"
#include "proxseg/core/error.h"
#include "proxseg/recipe/fields.h"
#include "proxseg/recipe/load.h"

namespace proxseg::cli {
namespace {

using nlohmann::json;

// What `proxseg config ...` prints.
std::string output_of(const std::string& arguments) {
  CLI::App app;
  add_config(app);
  testing::internal::CaptureStdout();
  try {
    app.parse("config " + arguments);
  } catch (...) {
    testing::internal::GetCapturedStdout();
    throw;
  }
  return testing::internal::GetCapturedStdout();
}

TEST(ConfigCommand, ListsBuiltInRecipes) {
  const std::string text = output_of("list");
  EXPECT_NE(text.find("deepls2022   " + load_recipe("deepls2022").description), std::string::npos);
}

TEST(ConfigCommand, ShowPrintsEveryValueAsSetTakesIt) {
  const std::string text = output_of("show fast --set train.steps=5 --set seed=3");
  EXPECT_NE(text.find("\ntrain.steps = 5\n"), std::string::npos) << text;
  EXPECT_NE(text.find("\nseed = 3\n"), std::string::npos) << text;
  EXPECT_EQ(static_cast<size_t>(std::count(text.begin(), text.end(), '\n')),
            recipe_fields().size());
}

TEST(ConfigCommand, ShowTellsOrigins) {
  const std::string text = output_of("show fast --set train.steps=5 --origin");
  EXPECT_NE(text.find("# --set\n"), std::string::npos) << text;
  EXPECT_NE(text.find("# built-in fast.json:"), std::string::npos) << text;
  const json rows = json::parse(output_of("show fast --set train.steps=5 --origin --json"));
  EXPECT_EQ(rows.at("train.steps"), json({{"value", 5}, {"origin", "--set"}}));
}

TEST(ConfigCommand, ShowJsonIsARecipe) {
  EXPECT_EQ(output_of("show sakai2021 --json"), to_json(load_recipe("sakai2021")));
}

TEST(ConfigCommand, CheckAcceptsSoundAndRefusesBrokenRecipes) {
  EXPECT_EQ(output_of("check default"), "default: ok\n");
  EXPECT_EQ(output_of("check default --set train.steps=5"), "default: ok\n");
  EXPECT_THROW(output_of("check default --set train.steps=0"), ConfigError);
  EXPECT_THROW(output_of("check none.json"), ConfigError);
}

TEST(ConfigCommand, ReferenceAndSchemaGoToStdout) {
  EXPECT_EQ(output_of("reference"), reference_markdown());
  EXPECT_EQ(output_of("schema"), json_schema());
}

TEST(ConfigCommand, DiffPrintsTheFieldsThatDiffer) {
  const std::string text = output_of("diff default fast");
  EXPECT_EQ(text.rfind("field ", 0), 0U) << text;
  const json fields = json::parse(output_of("diff default fast --json")).at("fields");
  const Recipe a = load_recipe("default"), b = load_recipe("fast");
  for (const Field& field : recipe_fields()) {
    if (field.key == "description") continue;
    EXPECT_EQ(fields.contains(field.key), field.get(a) != field.get(b)) << field.key;
    EXPECT_EQ(text.find("\n" + field.key + " ") != std::string::npos, field.get(a) != field.get(b))
        << field.key << "\n"
        << text;
  }
  EXPECT_EQ(fields.at("input.pixels"), json({a.input.pixels, b.input.pixels}));
  EXPECT_EQ(output_of("diff fast fast"), "fast and fast are the same recipe\n");
  EXPECT_THROW(output_of("diff default none"), ConfigError);
}

TEST(ConfigCommand, ListIsJsonWhenAsked) {
  EXPECT_EQ(json::parse(output_of("list --json")).size(), builtin_recipes().size());
  EXPECT_EQ(json::parse(output_of("check default --json")).at("recipe"), "default");
}

TEST(ConfigCommand, NeedsASubcommand) { EXPECT_THROW(output_of(""), CLI::RequiredError); }

ResolvedRecipe resolve_flags(const std::string& flags) {
  CLI::App app;
  RecipeArguments arguments;
  std::string positional;
  add_recipe_arguments(app, arguments);
  app.add_option("video", positional);
  app.parse(flags);
  EXPECT_EQ(positional, "clip.avi");
  return resolve(arguments);
}

TEST(RecipeArguments, FlagsAreShortForSetAndWinOverIt) {
  const ResolvedRecipe resolved = resolve_flags(
      "--config fast --set train.steps=5 --set seed=1 clip.avi --seed 2 --precision fp32");
  EXPECT_EQ(resolved.recipe.train.steps, 5);
  EXPECT_EQ(resolved.recipe.seed, 2u);
  EXPECT_EQ(resolved.recipe.precision, Precision::kFloat32);
  EXPECT_EQ(resolved.recipe.model.unet.pixel_unshuffle,
            load_recipe("fast").model.unet.pixel_unshuffle);
  EXPECT_EQ(resolved.origins.at("seed"), "--seed");
}

TEST(RecipeArguments, TheDefaultRecipeIsTaken) {
  EXPECT_EQ(to_json(resolve_flags("clip.avi").recipe), to_json(load_recipe("default")));
}

TEST(RecipeArguments, ABadFlagIsNamed) {
  try {
    resolve_flags("clip.avi --threads many");
    FAIL();
  } catch (const ConfigError& error) {
    EXPECT_TRUE(std::string(error.what()).starts_with("--threads: expected an integer in [0, "))
        << error.what();
  }
}

TEST(RecipeArguments, HelpComesFromTheTable) {
  CLI::App app;
  RecipeArguments arguments;
  add_recipe_arguments(app, arguments);
  const std::string help = app.help();
  for (const char* key : {"seed", "device", "precision", "threads"}) {
    EXPECT_NE(help.find(find_field(key)->help.substr(0, 20)), std::string::npos) << help;
  }
}

}  // namespace
}  // namespace proxseg::cli
