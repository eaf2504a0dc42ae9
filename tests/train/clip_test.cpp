#include "proxseg/train/clip.h"

#include "proxseg/core/file.h"
#include "support/expect_error.h"
#include "support/scene_files.h"

namespace proxseg {
namespace {

TEST(LoadClip, HoldsFramesNamesBackgroundAndRoi) {
  const TemporaryFolder folder;
  Recipe recipe;
  recipe.input.scale = 0.5;
  const Clip clip = load_clip(write_tiny_scene(folder), recipe);
  EXPECT_EQ(clip.frames.sizes(), torch::IntArrayRef({12, 3, 18, 24}));
  EXPECT_EQ(clip.frames.scalar_type(), torch::kUInt8);
  EXPECT_EQ(clip.background.sizes(), torch::IntArrayRef({1, 3, 18, 24}));
  EXPECT_EQ(clip.roi.sizes(), torch::IntArrayRef({1, 1, 18, 24}));
  EXPECT_EQ(clip.names.front(), "in000001");
  EXPECT_EQ(clip.names.back(), "in000012");
}

TEST(AutomaticScale, KeepsFramesBelowAHundredThousandPixels) {
  EXPECT_DOUBLE_EQ(automatic_scale({320, 240}), 1.0);
  for (const cv::Size size : {cv::Size(640, 480), cv::Size(768, 576), cv::Size(3840, 2160)}) {
    const double scale = automatic_scale(size);
    EXPECT_LE(scale * scale * size.area(), 100000.0);
    EXPECT_GE((scale + 0.01) * (scale + 0.01) * size.area(), 100000.0);
  }
}

TEST(AutomaticScale, StandsInForZeroOnly) {
  const TemporaryFolder folder;
  const std::string scene = write_tiny_scene(folder);
  ResolvedRecipe automatic = resolve_recipe("default"),
                 given = resolve_recipe("default", {{"input.scale=0.5"}});
  settle_scale(automatic, scene);
  settle_scale(given, scene);
  EXPECT_DOUBLE_EQ(automatic.recipe.input.scale, 1.0);
  EXPECT_EQ(automatic.origins.at("input.scale"), "automatic");
  EXPECT_DOUBLE_EQ(given.recipe.input.scale, 0.5);
}

TEST(LoadClip, BackgroundIsTheMedianOfTheFrames) {
  const TemporaryFolder folder;
  Recipe recipe;
  recipe.input.scale = 1.0;
  recipe.input.gray = true;
  const Clip clip = load_clip(write_tiny_scene(folder, 9), recipe);
  const auto median = std::get<0>(clip.frames.median(0, true)).to(torch::kFloat32) / 255.0F;
  EXPECT_LT((clip.background - median).abs().max().item<double>(), 1e-6);
}

TEST(LoadClip, KeepsAtMostMaxFramesOverTheWholeClip) {
  const TemporaryFolder folder;
  Recipe recipe;
  recipe.input.scale = 1.0;
  recipe.train.max_frames = 4;
  const Clip clip = load_clip(write_tiny_scene(folder), recipe);
  EXPECT_EQ(clip.names, (std::vector<std::string>{"in000001", "in000005", "in000009"}));
}

TEST(LoadClip, SkipsUnreadableFramesOnlyWhenTold) {
  const TemporaryFolder folder;
  const std::string scene = write_tiny_scene(folder);
  write_file_atomically(scene + "/input/in000005.jpg", "no image");
  Recipe recipe;
  recipe.input.scale = 1.0;
  expect_error(ExitCode::kInput, {"in000005.jpg"}, [&] { load_clip(scene, recipe); });
  recipe.input.on_error = OnError::kSkip;
  const Clip clip = load_clip(scene, recipe);
  EXPECT_EQ(clip.frames.size(0), 11);
  ASSERT_EQ(clip.skipped.size(), 1U);
  EXPECT_NE(clip.skipped[0].find("in000005"), std::string::npos);
}

}  // namespace
}  // namespace proxseg
