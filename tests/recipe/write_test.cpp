#include "proxseg/recipe/fields.h"

#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "proxseg/core/file.h"
#include "proxseg/recipe/load.h"
#include "recipe/recipe_files.h"

namespace proxseg {
namespace {

using nlohmann::json;
using namespace nlohmann::literals;

size_t count_leaves(const json& tree) { return tree.flatten().size(); }

TEST(ToJson, WritesEveryFieldNestedInTheOrderOfTheTable) {
  const std::string text = to_json(Recipe{});
  EXPECT_EQ(count_leaves(json::parse(text)), recipe_fields().size());
  EXPECT_LT(text.find("\"seed\""), text.find("\"model\""));
  EXPECT_LT(text.find("\"model\""), text.find("\"infer\""));
}

TEST(ToJson, RoundTripsEveryBuiltInRecipe) {
  for (const BuiltinRecipe& builtin : builtin_recipes()) {
    const std::string text = to_json(load_recipe(std::string(builtin.name)));
    EXPECT_EQ(to_json(recipe_from_json(text, "stored")), text) << builtin.name;
  }
}

TEST(ToJson, NumbersReadBackToTheLastBit) {
  for (const double value : {0.1, 1.0 / 3, 3e-6, 5e-324, 1.7976931348623157e308, 0.1 + 0.2}) {
    Recipe recipe;
    recipe.train.learning_rate = value;
    EXPECT_EQ(recipe_from_json(to_json(recipe), "stored").train.learning_rate, value);
  }
  EXPECT_NE(to_json(Recipe{}).find("\"learning_rate\": 0.01,"), std::string::npos);
}

TEST(JsonSchema, DescribesEveryFieldAndNothingElse) {
  const json schema = json::parse(json_schema());
  for (const Field& field : recipe_fields()) {
    const json::json_pointer at(pointer_of(field.key, "/properties"));
    ASSERT_TRUE(schema.contains(at)) << field.key;
    const json& property = schema.at(at);
    EXPECT_EQ(property.at("description"), field.help);
    EXPECT_EQ(property.contains("enum"), field.type == FieldType::kChoice) << field.key;
  }
  EXPECT_EQ(
      schema.at("/properties/loss/properties/nuclear/properties/p/exclusiveMinimum"_json_pointer),
      0.0);
  EXPECT_EQ(schema.at("/properties/input/properties/scale/maximum"_json_pointer), 1.0);
  EXPECT_EQ(schema.at("/properties/loss/properties/l1/additionalProperties"_json_pointer), false);
  EXPECT_TRUE(schema.contains("/properties/extends"_json_pointer));
}

TEST(Reference, ThePageInDocsIsTheGeneratedOne) {
  const std::string page = read_file(std::string(PROXSEG_SOURCE_DIR) + "/docs/recipes.md");
  EXPECT_TRUE(page == reference_markdown())
      << "docs/recipes.md is out of date: proxseg config reference > docs/recipes.md";
}

TEST(Reference, ListsEveryFieldAndEveryBuiltInRecipe) {
  const std::string page = reference_markdown();
  for (const Field& field : recipe_fields()) {
    EXPECT_NE(page.find("| `" + field.key + "` |"), std::string::npos) << field.key;
  }
  for (const BuiltinRecipe& builtin : builtin_recipes()) {
    EXPECT_NE(page.find("[`" + std::string(builtin.name) + "`]"), std::string::npos);
  }
}

}  // namespace
}  // namespace proxseg
