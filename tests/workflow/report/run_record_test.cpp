#include "proxseg/workflow/report/run_record.h"

#include <gmock/gmock.h>

#include "support/expect_error.h"
#include "support/temporary_folder.h"
#include "workflow/report/run_files.h"

namespace proxseg {
namespace {

using testing::ElementsAre;

TEST(RunRecord, HoldsWhatTheFolderHolds) {
  const TemporaryFolder folder;
  write_run(folder / "a", {.l1_weight = 0.25, .steps = 3});
  const RunRecord run = read_run(folder / "a");
  EXPECT_EQ(run.name, "a");
  EXPECT_EQ(run.recipe.recipe.loss.l1.weight, 0.25);
  EXPECT_EQ(run.recipe.origins.at("loss.l1.weight"), "--set");
  EXPECT_EQ(run.inputs.at(0).name, "street");
  EXPECT_TRUE(run.summary.has_value());
  EXPECT_THAT(run.metric("loss"), ElementsAre(3.0, 2.0, 1.0));
  EXPECT_TRUE(run.metric("nothing").empty());
  EXPECT_TRUE(run.previews.empty());
}

TEST(RunRecord, ARunMayHaveOnlyBegun) {
  const TemporaryFolder folder;
  write_run(folder / "a");
  for (const char* file : {"metrics.csv", "summary.json", "environment.json"}) {
    std::filesystem::remove(folder / "a" / file);
  }
  const RunRecord run = read_run(folder / "a");
  EXPECT_FALSE(run.summary.has_value());
  EXPECT_TRUE(run.metrics.empty());
}

TEST(RunRecord, ARowThatIsBeingWrittenIsLeftOut) {
  const TemporaryFolder folder;
  write_run(folder / "a");
  write_file_atomically(folder / "a/metrics.csv", "step,loss\n0,5\n1");
  EXPECT_THAT(read_run(folder / "a").metric("step"), ElementsAre(0.0));
}

TEST(RunRecord, RefusesWhatIsNoRun) {
  const TemporaryFolder folder;
  expect_error(ExitCode::kInput, {folder.string(), "holds no run", "config.json"},
               [&] { read_run(folder.string()); });
  expect_error(ExitCode::kInput, {folder.string(), "holds no run"},
               [&] { find_runs(folder.string()); });
  expect_error(ExitCode::kInput, {"nowhere"}, [&] { find_runs(folder / "nowhere"); });
  write_run(folder / "a");
  write_file_atomically(folder / "a/provenance.json", "{}");
  expect_error(ExitCode::kInput, {"a/provenance.json", "damaged"}, [&] { read_run(folder / "a"); });
}

TEST(RunRecord, TheLossIsTheMeanOverTheLastTenthOfTheSteps) {
  const TemporaryFolder folder;
  write_run(folder / "a", {.steps = 20, .last_loss = 3.0});
  EXPECT_EQ(read_run(folder / "a").loss(), 3.5);
  EXPECT_EQ(read_run(folder / "a").seconds_in_steps(), 10.0);
  write_run(folder / "a", {.steps = 0});
  EXPECT_EQ(read_run(folder / "a").loss(), std::nullopt);
  // A row without a comma has no loss.
  write_file_atomically(folder / "a/metrics.csv", "step,loss\n0,5\n7");
  EXPECT_EQ(read_run(folder / "a").loss(), 5.0);
}

TEST(RunRecord, WhatIsDamagedBesideTheRecipeIsLeftOutAndNamed) {
  const TemporaryFolder folder;
  for (const auto& [file, text] : {std::pair{"summary.json", "{"},
                                   {"summary.json", R"({"singular_values": {"background": [1]}})"},
                                   {"summary.json", R"({"parameters": "many"})"},
                                   {"environment.json", R"({"time": 7})"},
                                   {"environment.json", R"({"command": "proxseg train"})"},
                                   {"environment.json", "[]"}}) {
    write_run(folder / "a");
    write_file_atomically(folder / "a" / file, text);
    const RunRecord run = read_run(folder / "a");
    ASSERT_EQ(run.problems.size(), 1U) << text;
    EXPECT_THAT(run.problems[0], testing::HasSubstr(std::string("a/") + file));
    EXPECT_THAT(run.problems[0], testing::HasSubstr("damaged"));
  }
}

TEST(RunRecord, FindsEveryRunOfATree) {
  const TemporaryFolder folder;
  for (const char* name : {"b", "a/2", "a/1"}) write_run(folder / name);
  std::filesystem::create_directories(folder / "c");
  EXPECT_THAT(find_runs(folder.string()),
              ElementsAre(folder / "a/1", folder / "a/2", folder / "b"));
}

}  // namespace
}  // namespace proxseg
