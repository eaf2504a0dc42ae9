// proxseg infer, baseline, eval and export where their folders and options are at fault.
#include <fmt/format.h>
#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "support/program.h"
#include "support/scene_files.h"
#include "support/sequence_files.h"

namespace proxseg {
namespace {

namespace fs = std::filesystem;

struct SegmentingCommands : Program {
  // Frames of one grey value each, so that no mask is expected.
  std::string write_still(const std::string& name, int frames) const {
    for (int i = 1; i <= frames; ++i) {
      save(folder_ / name / fmt::format("f{}.png", i), gray_image(80, {32, 24}));
    }
    return path(name);
  }

  Arguments median(const std::string& input, const Arguments& more = {}) const {
    Arguments words = {"baseline", "median", "--input", input, "--output", path("out")};
    words.insert(words.end(), more.begin(), more.end());
    return words;
  }
};

TEST_F(SegmentingCommands, OfAnotherVideoIsRefusedUnlessForced) {
  const std::string first = write_still("long", 9), second = write_still("short", 5);
  ASSERT_EQ(run(median(first)).code, 0);
  EXPECT_EQ(run(median(first)).code, 0);
  expect_failure(ExitCode::kOutput, {"holds results of another call", first, second, "--force"},
                 median(second));
  EXPECT_EQ(listing(folder_ / "out/mask").size(), 9U);
  ASSERT_EQ(run(median(second, {"--force"})).code, 0);
  EXPECT_EQ(listing(folder_ / "out/mask").size(), 5U);
  expect_failure(ExitCode::kOutput, {"method was 'median', is 'mog2'"},
                 {"baseline", "mog2", "--input", second, "--output", path("out")});
  expect_failure(ExitCode::kOutput, {"input.range was '', is '1:3'"},
                 median(second, {"--set", "input.range=1:3"}));
}

TEST_F(SegmentingCommands, NeedNoTrainingWithTheGenericNetwork) {
  const std::string scene = PROXSEG_SOURCE_DIR "/data/synthetic";
  ASSERT_EQ(run({"infer", "--model", "generic", "--input", scene, "--output", path("out"),
                 "--layout", "cdnet"})
                .code,
            0);
  const auto scores = nlohmann::json::parse(
      run({"eval", "--masks", path("out"), "--ground-truth", scene, "--json"}).out);
  EXPECT_GT(scores["sequences"][0]["F"].get<double>(), 0.8);
}

TEST_F(SegmentingCommands, OfSeveralSequencesIsRefusedBeforeAnyWork) {
  const std::string a = write_still("a", 4), b = write_still("b", 4);
  const Arguments both = median(a, {"--input", b});
  ASSERT_EQ(run(both).code, 0);
  fs::remove_all(folder_ / "out/a");
  save(folder_ / "b/f2.png", gray_image(1, {32, 24}));
  expect_failure(ExitCode::kOutput, {path("out/b"), "frames was"}, both);
  EXPECT_FALSE(fs::exists(folder_ / "out/a"));
}

TEST_F(SegmentingCommands, OfATreeIsFoundByEvalEvenIfItHoldsOneSequence) {
  fs::create_directories(folder_ / "tree/category");
  fs::rename(write_tiny_scene(folder_), folder_ / "tree/category/scene");
  ASSERT_EQ(run({"baseline", "median", "--input", path("tree"), "--output", path("out"), "--layout",
                 "cdnet"})
                .code,
            0);
  EXPECT_TRUE(fs::exists(folder_ / "out/category/scene/bin000012.png"));
  const Outcome outcome =
      run({"eval", "--masks", path("out"), "--ground-truth", path("tree"), "--json"});
  ASSERT_EQ(outcome.code, 0) << outcome.err;
  EXPECT_EQ(nlohmann::json::parse(outcome.out).at("sequences").at(0).at("name"), "category/scene");
}

TEST_F(SegmentingCommands, AmongTheFramesIsRefused) {
  const std::string frames = write_still("frames", 4);
  expect_failure(
      ExitCode::kOutput, {"the frames of", frames},
      {"baseline", "median", "--input", frames, "--output", frames, "--save", "background-image"});
  EXPECT_EQ(listing(frames).size(), 4U);
}

TEST_F(SegmentingCommands, SaysWhenMasksCanHardlyBeRight) {
  const Outcome outcome = run(median(write_still("still", 6), {"--json"}));
  ASSERT_EQ(outcome.code, 0) << outcome.err;
  EXPECT_NE(outcome.err.find("no mask in any of 6 frames"), std::string::npos) << outcome.err;
  const auto result = nlohmann::json::parse(outcome.out).at(0);
  EXPECT_EQ(result.at("warnings").size(), 1U);
}

TEST_F(SegmentingCommands, RefusesOptionsWithoutEffect) {
  const std::string frames = write_still("frames", 4);
  const auto refuses = [&](const std::string& what, const Arguments& arguments) {
    expect_failure(ExitCode::kUsage, {what}, arguments);
  };
  refuses("train.steps has no effect", median(frames, {"--set", "train.steps=5"}));
  refuses("seed has no effect", median(frames, {"--seed", "5"}));
  refuses("--layout cdnet", median(frames, {"--layout", "cdnet", "--save", "soft"}));
  refuses("--size", median(frames, {"--size", "32x24"}));
  refuses("--force has no effect",
          {"baseline", "median", "--input", frames, "--output", "-", "--force"});
  refuses("loss.l1.weight has no effect", {"infer", "--model", path("none"), "--input", frames,
                                           "--output", path("out"), "--set", "loss.l1.weight=1"});
  refuses("mask.threshold has no effect", {"export", path("none"), "--format", "state-dict",
                                           "--output", path("x"), "--set", "mask.threshold=0.4"});
  refuses("name of an image", {"eval", "--masks", path("out"), "--ground-truth", path("frames"),
                               "--csv", path("frames/f1.png")});
  EXPECT_FALSE(fs::exists(path("out")));
}

}  // namespace
}  // namespace proxseg
