#include "proxseg/recipe/load.h"

#include <gtest/gtest.h>

#include <cmath>
#include <filesystem>
#include <set>

#include "proxseg/core/file.h"
#include "proxseg/recipe/fields.h"

namespace proxseg {
namespace {

namespace fs = std::filesystem;

const fs::path kConfigs = fs::path(PROXSEG_SOURCE_DIR) / "configs";

TEST(Builtin, HoldsTheFilesOfConfigs) {
  std::set<std::string> expected, found;
  for (const auto& entry : fs::directory_iterator(kConfigs)) {
    const std::string name = entry.path().stem().string();
    const bool is_sweep = name.starts_with("sweep-");
    if (entry.path().extension() == ".json" && !is_sweep) expected.insert(name);
  }
  for (const BuiltinRecipe& recipe : builtin_recipes()) {
    found.insert(std::string(recipe.name));
    EXPECT_EQ(recipe.text, read_file(kConfigs / (std::string(recipe.name) + ".json")));
  }
  EXPECT_EQ(found, expected);
}

TEST(Builtin, EveryRecipeLoadsByNameAndByPathIsSoundAndSaysWhatItIsFor) {
  for (const BuiltinRecipe& recipe : builtin_recipes()) {
    const std::string name(recipe.name);
    SCOPED_TRACE(name);
    const Recipe loaded = load_recipe(name);
    EXPECT_TRUE(problems_of(loaded).empty());
    EXPECT_FALSE(loaded.description.empty());
    EXPECT_EQ(load_recipe((kConfigs / (name + ".json")).string()).description, loaded.description);
  }
}

TEST(Builtin, DefaultsOfTheProgramAreSound) { EXPECT_TRUE(problems_of(Recipe{}).empty()); }

// An l1 of weight w masks what differs by more than sqrt(2 w knee) times its scale.
TEST(Builtin, DefaultMasksDifferencesAboveTheirScale) {
  const Recipe recipe = load_recipe("default");
  EXPECT_EQ(recipe.background.method, BackgroundMethod::kSettled);
  EXPECT_GT(recipe.background.noise_floor, 0);
  EXPECT_EQ(recipe.loss.l1.on, PriorTarget::kMask);
  EXPECT_NEAR(std::sqrt(2.0 * recipe.loss.l1.weight * recipe.loss.nuclear.knee), 1.0, 0.01);
}

// The release: 32 channels, subtractive skips, one fixed batch of 50, Adam at 3e-4; for 600 steps
// instead of its 500.
TEST(Builtin, DeepLsFollowsTheRelease) {
  const Recipe recipe = load_recipe("deepls2022");
  EXPECT_EQ(recipe.model.form, Form::kSigned);
  EXPECT_TRUE(recipe.input.gray);
  EXPECT_EQ(recipe.background.noise_floor, 0);
  EXPECT_EQ(recipe.model.unet.channels, 32);
  EXPECT_EQ(recipe.model.unet.depth, 2);
  EXPECT_EQ(recipe.model.unet.norm, Norm::kBatch);
  EXPECT_EQ(recipe.model.unet.padding, Padding::kReflect);
  EXPECT_EQ(recipe.model.unet.skip, Skip::kDifference);
  EXPECT_EQ(recipe.loss.gradient, Gradient::kSubgradient);
  EXPECT_EQ(recipe.loss.nuclear_weight, 1);
  EXPECT_EQ(recipe.loss.l1.weight, 1);
  EXPECT_EQ(recipe.loss.l1.on, PriorTarget::kForeground);
  EXPECT_EQ(recipe.loss.tv.weight, 0);
  EXPECT_EQ(recipe.train.sampling, Sampling::kFixed);
  EXPECT_EQ(recipe.train.batch, 50);
  EXPECT_EQ(recipe.train.optimizer, OptimizerKind::kAdam);
  EXPECT_EQ(recipe.train.learning_rate, 3e-4);
  EXPECT_EQ(recipe.train.steps, 600);
  EXPECT_EQ(recipe.train.schedule, Schedule::kConstant);
  EXPECT_EQ(recipe.mask.median, 0);
}

TEST(Builtin, SakaiTrainsByProxAndAlternates) {
  const Recipe recipe = load_recipe("sakai2021");
  EXPECT_EQ(recipe.model.form, Form::kSigned);
  EXPECT_EQ(recipe.background.noise_floor, 0);
  EXPECT_EQ(recipe.loss.gradient, Gradient::kProx);
  EXPECT_EQ(recipe.loss.nuclear.knee, 1);
  // lambda0 on the paper's frames of 176 x 144.
  EXPECT_NEAR(recipe.loss.l1.knee, 1 / std::sqrt(176.0 * 144.0), 5e-5);
  EXPECT_EQ(recipe.train.optimizer, OptimizerKind::kAdam);
  EXPECT_GT(recipe.train.alternating_steps, 0);
}

}  // namespace
}  // namespace proxseg
