#include "proxseg/infer/session.h"

#include <algorithm>
#include <fstream>
#include <opencv2/imgcodecs.hpp>

#include "proxseg/core/file.h"
#include "support/expect_error.h"
#include "support/scene_files.h"

namespace proxseg {
namespace {

namespace fs = std::filesystem;

Segmenter small_segmenter() {
  Recipe recipe;
  recipe.model.unet.channels = 4;
  recipe.infer.batch = 5;
  recipe.input.scale = 1.0;
  return Segmenter(Model(recipe, 3));
}

size_t count_files(const fs::path& folder) { return listing(folder).size(); }

struct InferSession : testing::Test {
  const TemporaryFolder folder;
  const std::string scene = write_tiny_scene(folder);
  const fs::path out = folder / "out";
  Segmenter segmenter = small_segmenter();

  SequenceResult infer(const ExportOptions& options) {
    return infer_sequence(segmenter, {scene, "scene"}, out, {}, options);
  }
};

TEST_F(InferSession, EveryProductIsNamedAfterItsFrame) {
  ExportOptions options;
  options.save = parse_products("mask,soft,background,foreground,overlay");
  const SequenceResult result = infer(options);
  EXPECT_EQ(result.frames, 12);
  EXPECT_EQ(result.segmented, 12);
  for (const char* kind : {"mask", "soft", "background", "foreground"}) {
    EXPECT_EQ(count_files(out / kind), 12U) << kind;
    EXPECT_TRUE(fs::exists(out / kind / "in000007.png")) << kind;
  }
  EXPECT_TRUE(fs::exists(out / "overlay.mp4"));
  EXPECT_EQ(cv::imread((out / "mask/in000001.png").string(), cv::IMREAD_UNCHANGED).type(), CV_8UC1);
}

TEST_F(InferSession, CdnetLayoutCountsAsTheFramesDo) {
  ExportOptions options;
  options.layout = Layout::kCdnet;
  infer(options);
  EXPECT_EQ(count_files(out), 12U);
  EXPECT_TRUE(fs::exists(out / "bin000012.png"));
}

TEST_F(InferSession, LeavesWhatIsThereUnlessForced) {
  infer({});
  fs::remove(out / "mask/in000003.png");
  const std::string marker = "not written again";
  write_file_atomically(out / "mask/in000004.png", marker);
  const SequenceResult again = infer({});
  EXPECT_EQ(again.segmented, 1);
  EXPECT_EQ(again.present, 11);
  EXPECT_TRUE(fs::exists(out / "mask/in000003.png"));
  EXPECT_EQ(read_file(out / "mask/in000004.png"), marker);
  ExportOptions force;
  force.force = true;
  EXPECT_EQ(infer(force).segmented, 12);
  EXPECT_NE(read_file(out / "mask/in000004.png"), marker);
}

TEST_F(InferSession, SecondCallWritesTheSameMasks) {
  infer({});
  const std::string first = read_file(out / "mask/in000009.png");
  ExportOptions force;
  force.force = true;
  infer(force);
  EXPECT_EQ(read_file(out / "mask/in000009.png"), first);
}

TEST_F(InferSession, KeepsTheMasksBeforeABrokenFrame) {
  write_file_atomically(fs::path(scene) / "input/in000008.jpg", "no image");
  expect_error(ExitCode::kInput, {"in000008.jpg"}, [&] { infer({}); });
  EXPECT_TRUE(fs::exists(out / "mask/in000005.png"));
  EXPECT_FALSE(fs::exists(out / "mask/in000008.png"));
}

TEST_F(InferSession, SkipsABrokenFrameWhenTold) {
  write_file_atomically(fs::path(scene) / "input/in000008.jpg", "no image");
  SourceOptions source;
  source.on_error = OnError::kSkip;
  const SequenceResult result = infer_sequence(segmenter, {scene, "scene"}, out, source, {});
  EXPECT_EQ(result.segmented, 11);
  EXPECT_EQ(result.skipped.size(), 1U);
}

TEST_F(InferSession, FindsTheSequencesOfATree) {
  fs::create_directories(folder / "tree/baseline");
  fs::create_directories(folder / "tree/shadow");
  fs::copy(scene, folder / "tree/baseline/a", fs::copy_options::recursive);
  fs::copy(scene, folder / "tree/shadow/b", fs::copy_options::recursive);
  const auto found = find_sequences((folder / "tree").string());
  ASSERT_EQ(found.size(), 2U);
  EXPECT_EQ(found[0].name, "baseline/a");
  EXPECT_EQ(found[1].name, "shadow/b");
  ASSERT_EQ(find_sequences(scene).size(), 1U);
  EXPECT_EQ(find_sequences(scene)[0].name, "scene");
  expect_error(ExitCode::kInput, {"nowhere"},
               [&] { find_sequences((folder / "nowhere").string()); });
}

TEST(ParseProducts, RefusesWhatItDoesNotKnow) {
  EXPECT_EQ(parse_products("mask,soft").size(), 2U);
  expect_error(ExitCode::kUsage, {"--save", "'masks'"}, [] { parse_products("masks"); });
  expect_error(ExitCode::kUsage, {"nothing to save"}, [] { parse_products(""); });
}

}  // namespace
}  // namespace proxseg
