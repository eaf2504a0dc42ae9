#include "proxseg/train/session.h"

#include <fstream>
#include <nlohmann/json.hpp>
#include <sstream>

#include "proxseg/core/file.h"
#include "proxseg/nn/safetensors.h"
#include "support/expect_error.h"
#include "support/scene_files.h"

namespace proxseg {
namespace {

ResolvedRecipe recipe_with(const std::vector<std::string>& assignments) {
  std::vector<Override> overrides = {{"model.channels=4"},
                                     {"train.batch=4"},
                                     {"train.steps=6"},
                                     {"train.checkpoint_every=2"},
                                     {"input.gray=true"}};
  for (const auto& assignment : assignments) overrides.push_back({assignment});
  return resolve_recipe("default", overrides);
}

TrainCallbacks stop_after(int64_t steps) {
  auto seen = std::make_shared<int64_t>(0);
  TrainCallbacks callbacks;
  callbacks.on_step = [seen](const StepReport&, int64_t) { ++*seen; };
  callbacks.should_stop = [seen, steps] { return *seen >= steps; };
  return callbacks;
}

std::vector<std::string> rows_of(const std::filesystem::path& path) {
  std::istringstream stream(read_file(path));
  std::vector<std::string> rows;
  for (std::string row; std::getline(stream, row);) rows.push_back(row);
  return rows;
}

// The columns of a metrics row but the last, which is the time the step took.
std::string without_seconds(const std::string& row) { return row.substr(0, row.rfind(',')); }

struct Session : testing::Test {
  const TemporaryFolder folder;
  const std::string scene = write_tiny_scene(folder);
  const std::vector<NamedSequence> scenes = {{scene, "scene"}};
  const std::filesystem::path run = folder / "run";
};

TEST_F(Session, WritesARunFolderThatIsWhole) {
  const TrainSummary summary = train(recipe_with({}), scenes, run, false);
  EXPECT_EQ(summary.steps, 6);
  EXPECT_FALSE(summary.interrupted);
  EXPECT_FALSE(summary.rpca_gap.has_value());
  const auto rows = rows_of(run / "metrics.csv");
  ASSERT_EQ(rows.size(), 7U);
  EXPECT_EQ(rows[0].rfind("step,loss,nuclear", 0), 0U);
  EXPECT_EQ(rows[6].rfind("5,", 0), 0U);
  for (const char* file : {"config.json", "provenance.json", "backgrounds/scene.png",
                           "summary.json", "model.safetensors"}) {
    EXPECT_TRUE(std::filesystem::exists(run / file)) << file;
  }
  const auto json = nlohmann::json::parse(read_file(run / "summary.json"));
  EXPECT_EQ(json.at("steps"), 6);
  EXPECT_EQ(load_model(run).frame_channels, 1);
  EXPECT_EQ(load_model(run).recipe.model.unet.channels, 4);
}

TEST_F(Session, KeepsTheTwoLatestCheckpoints) {
  train(recipe_with({}), scenes, run, false);
  auto checkpoints = listing(run / "checkpoints");
  std::sort(checkpoints.begin(), checkpoints.end());
  EXPECT_EQ(checkpoints, (std::vector<std::string>{"000004", "000006"}));
}

TEST_F(Session, InterruptedAndResumedEndsAsIfUndisturbed) {
  train(recipe_with({}), scenes, folder / "whole", false);
  const TrainSummary first = train(recipe_with({}), scenes, run, false, stop_after(3));
  EXPECT_TRUE(first.interrupted);
  EXPECT_EQ(first.steps, 3);
  EXPECT_FALSE(std::filesystem::exists(run / "model.safetensors"));
  const TrainSummary rest = resume(run, recipe_of_run(run));
  EXPECT_EQ(rest.steps, 6);
  EXPECT_EQ(read_file(run / "model.safetensors"), read_file(folder / "whole/model.safetensors"));
  const auto expected = rows_of(folder / "whole/metrics.csv"), rows = rows_of(run / "metrics.csv");
  ASSERT_EQ(rows.size(), expected.size());
  for (size_t i = 0; i < rows.size(); ++i)
    EXPECT_EQ(without_seconds(rows[i]), without_seconds(expected[i]));
}

TEST_F(Session, TrainsOneNetworkOnSeveralSequences) {
  const std::vector<NamedSequence> both = {{scene, "a/one"}, {scene, "b/two"}};
  const TrainSummary first = train(recipe_with({}), both, run, false, stop_after(3));
  EXPECT_TRUE(first.interrupted);
  EXPECT_TRUE(std::filesystem::exists(run / "backgrounds/a/one.png"));
  EXPECT_TRUE(std::filesystem::exists(run / "backgrounds/b/two.png"));
  size_t clips = 0;
  TrainCallbacks callbacks;
  callbacks.on_start = [&](const Trainer& trainer) { clips = trainer.clips().size(); };
  EXPECT_EQ(resume(run, recipe_of_run(run), callbacks).steps, 6);
  EXPECT_EQ(clips, 2U);
}

TEST_F(Session, ResumeMayExtendTheRun) {
  train(recipe_with({}), scenes, run, false);
  const TrainSummary more = resume(run, recipe_of_run(run, {{"train.steps=9"}}));
  EXPECT_EQ(more.steps, 9);
  EXPECT_EQ(rows_of(run / "metrics.csv").size(), 10U);
  EXPECT_EQ(recipe_of_run(run).recipe.train.steps, 9);
}

TEST_F(Session, ResumeFallsBackToTheCheckpointBefore) {
  train(recipe_with({}), scenes, run, false);
  write_file_atomically(run / "checkpoints/000006/model.safetensors", "damaged");
  const TrainSummary again = resume(run, recipe_of_run(run));
  EXPECT_EQ(again.steps, 6);
  EXPECT_EQ(rows_of(run / "metrics.csv").size(), 7U);
  write_file_atomically(run / "checkpoints/000006/model.safetensors", "damaged");
  write_file_atomically(run / "checkpoints/000004/optimizer.pt", "damaged");
  expect_error(ExitCode::kModel, {"no checkpoint", (run / "checkpoints").string()},
               [&] { resume(run, recipe_of_run(run)); });
}

TEST_F(Session, RefusesAnOccupiedFolderAndOverwritesWhenForced) {
  train(recipe_with({}), scenes, run, false);
  expect_error(ExitCode::kOutput, {run.string(), "not an empty folder"},
               [&] { train(recipe_with({}), scenes, run, false); });
  train(recipe_with({"train.steps=2"}), scenes, run, true);
  EXPECT_EQ(rows_of(run / "metrics.csv").size(), 3U);
  EXPECT_EQ(listing(run / "checkpoints"), std::vector<std::string>{"000002"});
}

TEST_F(Session, BadInputLeavesNoRunFolder) {
  expect_error(ExitCode::kInput, {"nowhere"}, [&] {
    train(recipe_with({}), {{(folder / "nowhere").string(), "nowhere"}}, run, false);
  });
  EXPECT_FALSE(std::filesystem::exists(run));
}

TEST_F(Session, ResumeNeedsARun) {
  expect_error(ExitCode::kConfig, {folder.string(), "holds no run"},
               [&] { recipe_of_run(folder.string()); });
}

TEST_F(Session, MeasuresTheGapToRobustPcaInThePapersForm) {
  const ResolvedRecipe paper = resolve_recipe(
      "sakai2021",
      {{"model.channels=4"}, {"train.batch=8"}, {"train.steps=3"}, {"train.alternating_steps=1"}});
  const TrainSummary summary = train(paper, scenes, run, false);
  ASSERT_TRUE(summary.rpca_gap.has_value());
  EXPECT_GT(summary.rpca_gap->optimum, 0.0);
  EXPECT_GE(summary.rpca_gap->objective, 0.999 * summary.rpca_gap->optimum);
  const auto json = nlohmann::json::parse(read_file(run / "summary.json"));
  EXPECT_NEAR(json.at("rpca").at("gap").get<double>(), summary.rpca_gap->relative(), 1e-12);
}

}  // namespace
}  // namespace proxseg
