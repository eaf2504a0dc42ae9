#include "proxseg/recipe/load.h"

#include <gtest/gtest.h>

#include "proxseg/recipe/fields.h"
#include "recipe/recipe_files.h"

namespace proxseg {
namespace {

class Load : public RecipeFiles {};

TEST_F(Load, AnEmptyFileGivesTheDefaults) {
  const ResolvedRecipe resolved = resolve_recipe(write("empty.json", "{}"));
  EXPECT_EQ(to_json(resolved.recipe), to_json(Recipe{}));
  for (const auto& [key, origin] : resolved.origins) EXPECT_EQ(origin, "default") << key;
}

TEST_F(Load, LaterLayersWinAndOriginsTellWhich) {
  const std::string base = write("shared/base.json", R"({
    "train": {"steps": 10,
              "batch": 11, "learning_rate": 0.5}
  })");
  const std::string mine = write("mine.json", R"({
    "train": {"steps": 20, "batch": 21},
    "extends": "shared/base.json"
  })");
  const ResolvedRecipe resolved =
      resolve_recipe(mine, {{"train.steps=29"}, {"train.steps=30"}, {"seed=4", "--seed"}});
  EXPECT_EQ(resolved.recipe.train.steps, 30);
  EXPECT_EQ(resolved.recipe.train.batch, 21);
  EXPECT_EQ(resolved.recipe.train.learning_rate, 0.5);
  EXPECT_EQ(resolved.recipe.train.max_frames, TrainOptions{}.max_frames);
  EXPECT_EQ(resolved.recipe.seed, 4u);
  EXPECT_EQ(resolved.origins.at("train.steps"), "--set");
  EXPECT_EQ(resolved.origins.at("train.batch"), mine + ":2");
  EXPECT_EQ(resolved.origins.at("train.learning_rate"), base + ":3");
  EXPECT_EQ(resolved.origins.at("train.max_frames"), "default");
  EXPECT_EQ(resolved.origins.at("seed"), "--seed");
}

TEST_F(Load, AFileExtendsABuiltInRecipe) {
  const std::string path =
      write("mine.json", R"({"extends": "deepls2022", "description": "mine"})");
  const ResolvedRecipe resolved = resolve_recipe(path);
  EXPECT_EQ(resolved.recipe.description, "mine");
  EXPECT_EQ(resolved.recipe.model.unet.channels, 32);
  EXPECT_TRUE(resolved.origins.at("model.channels").starts_with("built-in deepls2022.json:"));
}

TEST_F(Load, TheSameBaseMayComeTwiceWithoutACycle) {
  write("base.json", R"({"train": {"steps": 7}})");
  write("middle.json", R"({"extends": "base.json"})");
  EXPECT_EQ(load_recipe(write("top.json", R"({"extends": "./middle.json"})")).train.steps, 7);
}

TEST_F(Load, CommentsByteOrderMarkAndSchemaKeyAreAccepted) {
  const Recipe recipe =
      load_recipe(write("x.json",
                        "\xEF\xBB\xBF// head: {\n"
                        "{ /* \"seed\": 1,\n \xC3\xA9 */ \"$schema\": \"s.json\",\n"
                        "  \"seed\": 5 // tail\n}\n// end"));
  EXPECT_EQ(recipe.seed, 5u);
}

TEST_F(Load, LinesAreThoseOfTheKeys) {
  const std::string path = write("x.json",
                                 "\n// one\n{/* two\n lines */\"seed\"\n:\n3,\r\n"
                                 "\"input\":\n{\"every\":2\n,\"scale\":0.5}}");
  const auto origins = resolve_recipe(path).origins;
  EXPECT_EQ(origins.at("seed"), path + ":4");
  EXPECT_EQ(origins.at("input.every"), path + ":8");
  EXPECT_EQ(origins.at("input.scale"), path + ":9");
}

TEST_F(Load, ACycleIsRefusedNamingEveryFile) {
  const std::string a = write("a.json", "{\n\"extends\": \"./b.json\"}");
  const std::string b = write("b.json", "{\"extends\": \"a.json\"}");
  const std::string text = refusal(a);
  EXPECT_NE(text.find(b + ":1: extends: recipes extend each other: "), std::string::npos) << text;
  EXPECT_NE(text.find("a.json -> "), std::string::npos) << text;
  EXPECT_NE(refusal(write("self.json", R"({"extends": "self.json"})")).find("extend each other"),
            std::string::npos);
}

TEST_F(Load, AllProblemsOfAllLayersComeTogetherInOrder) {
  write("base.json", "{\n\"sede\": 1}");
  const std::string mine = write("mine.json", R"({
    "extends": "base.json",
    "train": {"batch": 0, "batch": 4},
    "model": {"pixel_unshuffle": 3,
              "depth": "deep"}
  })");
  const std::string text = refusal(mine, {{"train.steps=many"}, {"trian.batch=3"}});
  size_t at = 0;
  for (const char* fragment :
       {"7 problems", "base.json:2: \"sede\": unknown key; did you mean seed?",
        "mine.json:3: \"train.batch\": duplicate key", "mine.json:3: train.batch: expected",
        "mine.json:5: model.depth: expected", "--set train.steps: expected",
        "--set: \"trian.batch\": unknown key; did you mean train.batch?",
        "mine.json:4: model.pixel_unshuffle = 3: must be 1, 2 or 4"}) {
    const size_t found = text.find(fragment, at);
    EXPECT_NE(found, std::string::npos) << fragment << "\nin order in\n" << text;
    if (found != std::string::npos) at = found;
  }
}

TEST_F(Load, RulesThatReadAMisspeltKeyWaitUntilItIsMended) {
  const std::string text =
      refusal(write("x.json", R"({"background": {"method": "file", "flie": "b.png"}})"));
  EXPECT_NE(text.find("did you mean background.file?"), std::string::npos) << text;
  EXPECT_EQ(text.find("must name an image"), std::string::npos) << text;
}

TEST(LoadBuiltin, AnUnknownNameListsWhatExists) {
  const std::string text = refusal("defualt");
  for (const BuiltinRecipe& recipe : builtin_recipes()) {
    EXPECT_NE(text.find(recipe.name), std::string::npos) << text;
  }
  EXPECT_NE(text.find("did you mean default?"), std::string::npos) << text;
}

TEST(RecipeFromJson, TakesDefaultsForMissingKeysAndRefusesToReadAnythingElse) {
  EXPECT_EQ(recipe_from_json(R"({"seed": 8})", "model").seed, 8u);
  try {
    recipe_from_json(R"({"extends": "/etc/passwd.json"})", "model.safetensors");
    FAIL() << "extends was followed";
  } catch (const ConfigError& error) {
    EXPECT_NE(std::string(error.what()).find("model.safetensors:1: extends: "), std::string::npos);
  }
}

}  // namespace
}  // namespace proxseg
