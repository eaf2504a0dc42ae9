#include "proxseg/train/clip.h"

#include <fmt/format.h>

#include <opencv2/imgcodecs.hpp>
#include <opencv2/imgproc.hpp>

#include "proxseg/core/file.h"
#include "support/expect_error.h"
#include "support/scene_files.h"

namespace proxseg {
namespace {

TEST(LoadClip, HoldsFramesNamesAndTheScene) {
  const TemporaryFolder folder;
  Recipe recipe;
  recipe.input.scale = 0.5;
  const Clip clip = load_clip(write_tiny_scene(folder), recipe);
  EXPECT_EQ(clip.frames.sizes(), torch::IntArrayRef({12, 3, 18, 24}));
  EXPECT_EQ(clip.frames.scalar_type(), torch::kUInt8);
  EXPECT_EQ(clip.scene.background.sizes(), torch::IntArrayRef({1, 3, 18, 24}));
  EXPECT_EQ(clip.scene.roi.sizes(), torch::IntArrayRef({1, 1, 18, 24}));
  EXPECT_EQ(clip.scene.scale.sizes(), torch::IntArrayRef({1, 1, 18, 24}));
  EXPECT_GT(clip.scene.scale.min().item<double>(), 0.0);
  EXPECT_EQ(clip.names.front(), "in000001");
  EXPECT_EQ(clip.names.back(), "in000012");
}

TEST(LoadClip, BackgroundIsTheMedianOfTheFrames) {
  const TemporaryFolder folder;
  Recipe recipe;
  recipe.input.scale = 1.0;
  recipe.input.gray = true;
  recipe.background.method = BackgroundMethod::kMedian;
  recipe.background.noise_floor = 0.0;
  recipe.background.follow_exposure = false;
  const Clip clip = load_clip(write_tiny_scene(folder, 9), recipe);
  const auto median = std::get<0>(clip.frames.median(0, true)).to(torch::kFloat32) / 255.0F;
  EXPECT_LT((clip.scene.background - median).abs().max().item<double>(), 1e-6);
  EXPECT_FALSE(clip.scene.scale.defined());
}

TEST(LoadClip, TellsShadowsInColourUnlessTheyShallStay) {
  const TemporaryFolder folder;
  const std::string scene = write_tiny_scene(folder);
  Recipe recipe;
  EXPECT_TRUE(load_clip(scene, recipe).scene.tells_shadows);
  recipe.mask.remove_shadows = false;
  EXPECT_FALSE(load_clip(scene, recipe).scene.tells_shadows);
  recipe.mask.remove_shadows = true;
  recipe.input.gray = true;
  EXPECT_FALSE(load_clip(scene, recipe).scene.tells_shadows);
}

TEST(LoadClip, KeepsAtMostMaxFramesOverTheWholeClip) {
  const TemporaryFolder folder;
  Recipe recipe;
  recipe.input.scale = 1.0;
  recipe.train.max_frames = 4;
  const Clip clip = load_clip(write_tiny_scene(folder), recipe);
  EXPECT_EQ(clip.names, (std::vector<std::string>{"in000001", "in000005", "in000009"}));
}

TEST(LoadClip, HoldsFewerFramesWhereTheirMemoryIsShort) {
  const TemporaryFolder folder;
  Recipe recipe;
  recipe.input.scale = 1.0;
  constexpr double kGiB = 1 << 30, kFrame = 3 * 36 * 48;
  recipe.train.memory = 4.0 * 5 * kFrame / kGiB;  // a quarter of it is for frames: five
  const std::string scene = write_tiny_scene(folder);
  EXPECT_EQ(load_clip(scene, recipe).names,
            (std::vector<std::string>{"in000001", "in000005", "in000009"}));
  EXPECT_EQ(load_clips({{scene, "a"}, {scene, "b"}}, recipe)[1].frames.size(0), 2);
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

TEST(LoadClips, AreOneForEachStateOfAScene) {
  const TemporaryFolder folder;
  const std::string frames = (folder / "frames").string();
  std::filesystem::create_directories(frames);
  cv::Mat scene(60, 80, CV_8UC1), elsewhere;
  cv::RNG(5).fill(scene, cv::RNG::UNIFORM, 60, 180);
  cv::flip(~scene, elsewhere, -1);
  for (int i = 0; i < 12; ++i) {
    cv::imwrite(fmt::format("{}/{:02}.png", frames, i), i % 3 == 0 ? elsewhere : scene);
  }
  const auto clips = load_clips({{frames, "presets"}}, Recipe());
  ASSERT_EQ(clips.size(), 2U);
  EXPECT_EQ(clips[0].names.size(), 8U);
  EXPECT_EQ(clips[1].names, (std::vector<std::string>{"00", "03", "06", "09"}));
  EXPECT_EQ(clips[1].state, 1);
  EXPECT_EQ(clips[1].info.name, "presets");
  EXPECT_EQ(clips[0].scene.background.numel(), clips[1].scene.background.numel());
}

TEST(LoadClips, TellHowManyFramesAreRead) {
  const TemporaryFolder folder;
  const std::string scene = write_tiny_scene(folder);
  write_file_atomically(scene + "/input/in000005.jpg", "no image");
  Recipe recipe;
  recipe.input.on_error = OnError::kSkip;
  std::vector<std::pair<int64_t, int64_t>> told;
  LoadCallbacks callbacks;
  callbacks.on_read = [&](const std::string& sequence, int64_t read, int64_t total) {
    EXPECT_EQ(sequence, "street");
    told.emplace_back(read, total);
  };
  load_clips({{scene, "street"}}, recipe, false, callbacks);
  ASSERT_EQ(told.size(), 12U);
  EXPECT_EQ(told[2], std::pair(int64_t{3}, int64_t{12}));
  EXPECT_EQ(told[11], std::pair(int64_t{11}, int64_t{11}));  // one could not be read
}

TEST(LoadClips, AreInColourIfOneOfThemIs) {
  const TemporaryFolder folder;
  const std::string color = write_tiny_scene(folder), gray = (folder / "gray").string();
  std::filesystem::create_directories(gray);
  for (int i = 0; i < 4; ++i) {
    cv::imwrite(fmt::format("{}/{}.png", gray, i), cv::Mat(20, 30, CV_8UC1, cv::Scalar(40 + i)));
  }
  const Recipe recipe;
  const auto clips = load_clips({{gray, "a/gray"}, {color, "b/color"}}, recipe);
  ASSERT_EQ(clips.size(), 2U);
  EXPECT_EQ(clips[0].info.name, "a/gray");
  EXPECT_EQ(clips[0].info.channels, 3);
  EXPECT_EQ(clips[0].frames.sizes(), torch::IntArrayRef({4, 3, 20, 30}));
  EXPECT_EQ(clips[0].scene.background.sizes(), torch::IntArrayRef({1, 3, 20, 30}));
  EXPECT_EQ(clips[0].frames.min().item<int>(), 40);
  EXPECT_EQ(clips[1].frames.size(1), 3);
  EXPECT_EQ(load_clips({{gray, "gray"}}, recipe)[0].frames.size(1), 1);
}

}  // namespace
}  // namespace proxseg
