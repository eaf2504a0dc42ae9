#include "proxseg/recipe/model.h"
#include "proxseg/recipe/generic.h"

#include "proxseg/core/file.h"
#include "proxseg/nn/export/safetensors.h"
#include "proxseg/recipe/fields.h"
#include "support/expect_error.h"
#include "support/temporary_folder.h"

namespace proxseg {
namespace {

Recipe recipe() {
  Recipe r;
  r.model.unet.channels = 4;
  r.seed = 9;
  r.mask.threshold = 0.3;
  return r;
}

struct ModelFile : testing::Test {
  const TemporaryFolder folder;
  const std::filesystem::path path = folder / "model.safetensors";
};

TEST(Model, ChannelsFollowFromTheForm) {
  const auto options_of = [](Form form) {
    Recipe recipe;
    recipe.model.form = form;
    recipe.model.unet.channels = 4;
    return Model(recipe, 3).network.options();
  };
  const auto masked = options_of(Form::kMasked);
  EXPECT_EQ(masked.in_channels, 6);
  EXPECT_EQ(masked.out_channels, 1);
  EXPECT_TRUE(masked.out_bias);
  const auto paper = options_of(Form::kSigned);
  EXPECT_EQ(paper.in_channels, 3);
  EXPECT_EQ(paper.out_channels, 3);
  EXPECT_FALSE(paper.out_bias);
}

TEST(Model, PrecisionOfAutoMayBeNamedInTheEnvironment) {
  const Recipe open = load_recipe("default", {{"precision=auto"}});
  for (const char* name : {"fp32", "bf16"}) {
    ::setenv("PROXSEG_PRECISION", name, 1);
    EXPECT_EQ(computes_in_bfloat16(open), name == std::string("bf16"));
    EXPECT_FALSE(computes_in_bfloat16(load_recipe("default", {{"precision=fp32"}})));
  }
  ::setenv("PROXSEG_PRECISION", "fp64", 1);
  expect_error(ExitCode::kUsage, {"PROXSEG_PRECISION", "fp64"},
               [&] { computes_in_bfloat16(open); });
  ::unsetenv("PROXSEG_PRECISION");
}

TEST_F(ModelFile, RoundTripsRecipeAndFunction) {
  torch::NoGradGuard no_grad;
  Model model(recipe(), 3);
  save_model(path, model);
  Model read = load_model(path);
  EXPECT_EQ(to_json(read.recipe), to_json(model.recipe));
  EXPECT_EQ(read.frame_channels, 3);
  model.network.train(false);
  read.network.train(false);
  const auto x = torch::rand({1, 6, 20, 20});
  EXPECT_TRUE(torch::equal(model.network.forward(x), read.network.forward(x)));
}

TEST_F(ModelFile, IsFoundInARunFolder) {
  save_model(path, Model(recipe(), 1));
  EXPECT_EQ(load_model(folder.string()).recipe.seed, 9U);
}

TEST_F(ModelFile, GivesItsShapeToARecipeThatStartsFromIt) {
  save_model(path, Model(recipe(), 1));
  const Override init = {"train.init=" + folder.string()};
  ResolvedRecipe resolved = resolve_recipe("fast", {init, {"seed=3"}});
  const std::string taken = take_initial_shape(resolved);
  EXPECT_NE(taken.find("model.channels = 4"), std::string::npos) << taken;
  EXPECT_EQ(resolved.recipe.model.unet.channels, 4);
  EXPECT_EQ(resolved.recipe.model.unet.pixel_unshuffle, recipe().model.unet.pixel_unshuffle);
  EXPECT_EQ(resolved.recipe.seed, 3U);
  EXPECT_EQ(resolved.origins.at("model.channels"), "train.init");
  EXPECT_EQ(take_initial_shape(resolved), "");
}

TEST_F(ModelFile, GivesNoShapeToARecipeThatNamesItsOwn) {
  save_model(path, Model(recipe(), 1));
  const Override init = {"train.init=" + folder.string()};
  write_file_atomically(folder / "own.json", R"({"extends": "fast", "model": {"channels": 8}})");
  for (ResolvedRecipe own :
       {resolve_recipe("default", {init, {"model.channels=8"}}),
        resolve_recipe((folder / "own.json").string(), {init}),
        resolve_recipe("sakai2021", {init}),  // the other form
        resolve_recipe("fast", {{"train.init=none"}}),
        resolve_recipe("fast", {{"train.init=" + (folder / "no").string()}})}) {
    const std::string before = to_json(own.recipe);
    EXPECT_EQ(take_initial_shape(own), "");
    EXPECT_EQ(to_json(own.recipe), before);
  }
}

TEST_F(ModelFile, OverridesWin) {
  save_model(path, Model(recipe(), 1));
  const Model model = load_model(path, {{"mask.threshold=0.7"}});
  EXPECT_DOUBLE_EQ(model.recipe.mask.threshold, 0.7);
  EXPECT_EQ(model.recipe.seed, 9U);
  expect_error(ExitCode::kConfig, {"mask.treshold"},
               [&] { load_model(path, {{"mask.treshold=0.7"}}); });
}

TEST_F(ModelFile, DoesNotBindTheThreadsOfAnotherMachine) {
  Recipe trained = recipe();
  trained.threads = 1;
  save_model(path, Model(trained, 1));
  EXPECT_EQ(load_model(path).recipe.threads, 0);
  EXPECT_EQ(load_model(path, {{"threads=2"}}).recipe.threads, 2);
}

TEST_F(ModelFile, OfAnotherShapeIsRefused) {
  save_model(path, Model(recipe(), 1));
  expect_error(ExitCode::kModel, {path.string(), "does not fit"},
               [&] { load_model(path, {{"model.channels=8"}}); });
  Model wider(recipe(), 3);
  expect_error(ExitCode::kModel, {path.string(), "does not fit", "of grey frames"},
               [&] { load_weights(path, wider); });
}

TEST_F(ModelFile, WithoutOrWithDamagedMetadataIsRefused) {
  const Model model(recipe(), 1);
  const auto state = model.network.state();
  save_safetensors(path, {state, {}});
  expect_error(ExitCode::kModel, {"no 'recipe'"}, [&] { load_model(path); });
  save_safetensors(path, {state, {{"recipe", "{\"seed\": -1}"}, {"frame_channels", "1"}}});
  expect_error(ExitCode::kModel, {"the recipe in", "seed"}, [&] { load_model(path); });
  save_safetensors(path, {state, {{"recipe", to_json(recipe())}, {"frame_channels", "2"}}});
  expect_error(ExitCode::kModel, {"frame_channels = '2'"}, [&] { load_model(path); });
}

TEST_F(ModelFile, SmallerThanItsNetworkIsRefusedBeforeThatIsMade) {
  Recipe huge = recipe();
  huge.model.unet.channels = 512;
  huge.model.unet.depth = 6;  // 19 GB in one convolution
  save_safetensors(path, {Model(recipe(), 1).network.state(),
                          {{"recipe", to_json(huge)}, {"frame_channels", "1"}}});
  expect_error(ExitCode::kModel, {path.string(), "does not fit", "has more than 4831838208"},
               [&] { load_model(path); });
}

TEST_F(ModelFile, MissingIsNamed) {
  expect_error(ExitCode::kModel, {folder.string(), "model.safetensors is missing"},
               [&] { load_model(folder.string()); });
}

TEST(GenericModel, IsOfTheDefaultRecipeForFramesInColour) {
  const Model model = load_model(kGenericModel, {{"mask.threshold=0.4"}});
  EXPECT_EQ(model.frame_channels, 3);
  EXPECT_EQ(model.recipe.mask.threshold, 0.4);
  EXPECT_EQ(model.recipe.mask.weak, 0.3);
  EXPECT_EQ(load_model(kGenericModel, {{"mask.weak=0.45"}}).recipe.mask.weak, 0.45);
  EXPECT_EQ(sha256_of_model(kGenericModel),
            sha256_of_model(PROXSEG_SOURCE_DIR "/data/generic/model.safetensors"));
  EXPECT_LT(std::filesystem::file_size(PROXSEG_SOURCE_DIR "/data/generic/model.safetensors"),
            500'000U);
}

TEST(InitialWeights, AreTheGenericOnesWhereTheNetworkFits) {
  Recipe r = load_recipe("default", {{"train.init=auto"}});
  EXPECT_EQ(initial_weights(r), kGenericModel);
  r.model.unet.channels = 8;
  EXPECT_EQ(initial_weights(r), "");
  r.train.init = kGenericModel;
  EXPECT_EQ(initial_weights(r), kGenericModel);  // as it is asked for; training refuses it
  r.train.init = "none";
  EXPECT_EQ(initial_weights(r), "");
  r.train.init = "runs/week";
  EXPECT_EQ(initial_weights(r), "runs/week");
  for (const char* faithful : {"sakai2021", "deepls2022"}) {
    EXPECT_EQ(initial_weights(load_recipe(faithful)), "") << faithful;
  }
}

}  // namespace
}  // namespace proxseg
