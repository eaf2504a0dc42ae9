// A session that goes on after an end before its time.
#include <ATen/Parallel.h>
#include <fmt/format.h>
#include <gmock/gmock.h>

#include <fstream>
#include <nlohmann/json.hpp>

#include "proxseg/core/file.h"
#include "proxseg/nn/export/safetensors.h"
#include "support/expect_error.h"
#include "support/sequence_files.h"
#include "train/tiny_run.h"

namespace proxseg {
namespace {

struct Resume : Session {};

TEST_F(Resume, KeepsWhereValuesCameFrom) {
  train(recipe_with({}), scenes, run, false, stop_after(3));
  const auto same_folder = folder / "." / "run";
  resume(same_folder, recipe_of_run(same_folder, {{"train.steps=7"}}));
  const auto origins = nlohmann::json::parse(read_file(run / "provenance.json")).at("origins");
  EXPECT_EQ(origins.at("train.batch"), "--set");
  EXPECT_EQ(origins.at("train.steps"), "--set");
  EXPECT_EQ(origins.at("train.momentum"), "default");
}

TEST_F(Resume, RecognisesFramesByTheHashOfEarlierVersions) {
  for (int i = 1; i <= 4; ++i) {
    save(folder / fmt::format("large/{}.png", i), noise_image(i, {400, 300}));
  }
  const std::string large = (folder / "large").string();
  train(recipe_with({}), {{large, "large"}}, run, false, stop_after(2));
  auto environment = nlohmann::json::parse(read_file(run / "environment.json"));
  auto& hash = environment.at("inputs").at(0).at("sha256");
  const std::string heads = fingerprint_of_heads(large).sha256;
  EXPECT_NE(hash, heads);
  hash = heads;
  write_file_atomically(run / "environment.json", environment.dump());
  EXPECT_EQ(resume(run, recipe_of_run(run), stop_after(1)).steps, 3);
  save(folder / "large/1.png", noise_image(9, {400, 300}));
  expect_error(ExitCode::kInput, {large, "is not what"}, [&] { resume(run, recipe_of_run(run)); });
}

TEST_F(Resume, RefusesAFileOfTheBackgroundThatHasChanged) {
  const std::filesystem::path file = folder / "empty.png";
  save(file, gray_image(90, {64, 48}));
  const auto recipe = recipe_with({"background.method=file", "background.file=" + file.string()});
  train(recipe, scenes, run, false, stop_after(2));
  EXPECT_EQ(resume(run, recipe_of_run(run), stop_after(1)).steps, 3);
  save(file, gray_image(91, {64, 48}));
  expect_error(ExitCode::kInput, {"background.file", file.string(), run.string()},
               [&] { resume(run, recipe_of_run(run)); });
  expect_error(ExitCode::kInput, {"background.file"}, [&] { inputs_of_run(run); });
  save(file, gray_image(90, {64, 48}));
  save(folder / "other.png", gray_image(91, {64, 48}));
  const std::string other = "background.file=" + (folder / "other.png").string();
  EXPECT_EQ(resume(run, recipe_of_run(run, {{other}}), stop_after(1)).steps, 4);
  EXPECT_EQ(resume(run, recipe_of_run(run), stop_after(1)).steps, 5);
  // The same picture under another name.
  std::filesystem::rename(folder / "other.png", folder / "moved.png");
  save(folder / "other.png", gray_image(92, {64, 48}));
  const std::string moved = "background.file=" + (folder / "moved.png").string();
  EXPECT_EQ(resume(run, recipe_of_run(run, {{moved}}), stop_after(1)).steps, 6);
}

TEST_F(Resume, RefusesAChangedRegionAlsoWhereAnotherBackgroundIsAskedFor) {
  const std::string file = (folder / "empty.png").string(), roi = (folder / "roi.png").string();
  save(file, gray_image(90, {64, 48}));
  save(roi, gray_image(255, {48, 36}));
  train(recipe_with({"background.method=file", "background.file=" + file, "input.roi=" + roi}),
        scenes, run, false, stop_after(2));
  save(folder / "other.png", gray_image(91, {64, 48}));
  const std::string other = "background.file=" + (folder / "other.png").string();
  save(roi, gray_image(254, {48, 36}));
  expect_error(ExitCode::kInput, {"input.roi", roi, run.string()},
               [&] { resume(run, recipe_of_run(run, {{other}})); });
}

TEST_F(Resume, InterruptedAndResumedEndsAsIfUndisturbed) {
  train(recipe_with({}), scenes, folder / "whole", false);
  const TrainSummary first = train(recipe_with({}), scenes, run, false, stop_after(3));
  EXPECT_TRUE(first.interrupted());
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

TEST_F(Resume, MayExtendTheRun) {
  train(recipe_with({}), scenes, run, false);
  const TrainSummary more = resume(run, recipe_of_run(run, {{"train.steps=9"}}));
  EXPECT_EQ(more.steps, 9);
  EXPECT_EQ(rows_of(run / "metrics.csv").size(), 10U);
  EXPECT_EQ(recipe_of_run(run).recipe.train.steps, 9);
}

TEST_F(Resume, KeepsNoSettingsThatNothingWasTrainedWith) {
  train(recipe_with({}), scenes, run, false);
  const std::string config = read_file(run / "config.json"),
                    provenance = read_file(run / "provenance.json");
  for (const char* setting : {"loss.l1.weight=0.1", "train.steps=4"}) {
    expect_error(ExitCode::kConfig,
                 {setting == std::string("train.steps=4") ? "4" : "0.1", "to its end"},
                 [&] { resume(run, recipe_of_run(run, {{setting}})); });
    EXPECT_EQ(read_file(run / "config.json"), config);
    EXPECT_EQ(read_file(run / "provenance.json"), provenance);
  }
  resume(run, recipe_of_run(run, {{"mask.threshold=0.4"}}));
  EXPECT_EQ(recipe_of_run(run).recipe.mask.threshold, 0.4);
  EXPECT_EQ(resume(run, recipe_of_run(run, {{"train.steps=7"}, {"loss.l1.weight=0.1"}})).steps, 7);
}

TEST_F(Resume, FallsBackToTheCheckpointBefore) {
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

TEST_F(Resume, NoticesASingleWrongByte) {
  train(recipe_with({}), scenes, run, false);
  for (const char* file : {"optimizer.pt", "model.safetensors"}) {
    const std::string expected = read_file(run / "model.safetensors");
    const auto damaged = run / "checkpoints/000006" / file;
    std::string bytes = read_file(damaged);
    bytes[bytes.size() / 2] = static_cast<char>(bytes[bytes.size() / 2] ^ 1);
    write_file_atomically(damaged, bytes);
    resume(run, recipe_of_run(run));
    EXPECT_THAT(read_file(run / "log.txt"),
                testing::ContainsRegex(fmt::format("000006' is left out: .*{}' is damaged", file)));
    EXPECT_EQ(read_file(run / "model.safetensors"), expected);
  }
}

TEST_F(Resume, KilledAfterItsLastCheckpointItEndsAsIfUndisturbed) {
  train(recipe_with({}), scenes, run, false);
  const auto summary_of_run = [&] {
    auto json = nlohmann::json::parse(read_file(run / "summary.json"));
    for (const char* time : {"seconds", "phases"}) json.erase(time);
    return json;
  };
  const auto summary = summary_of_run();
  const std::string model = read_file(run / "model.safetensors");
  for (const char* file : {"summary.json", "model.safetensors"}) {
    std::filesystem::remove(run / file);
  }
  resume(run, recipe_of_run(run));
  EXPECT_EQ(summary_of_run(), summary);
  EXPECT_EQ(read_file(run / "model.safetensors"), model);
}

TEST_F(Resume, KilledWhileItWroteItDropsWhatIsNotWhole) {
  train(recipe_with({}), scenes, run, false, stop_after(4));
  const auto rows = rows_of(run / "metrics.csv");
  std::ofstream(run / "metrics.csv", std::ios::app) << "1";
  write_file_atomically(run / ".model.partial-999999999.safetensors", "half");
  write_file_atomically(run / "checkpoints/.partial-999999999/model.safetensors", "half");
  resume(run, recipe_of_run(run), stop_after(1));
  auto longer = rows_of(run / "metrics.csv");
  ASSERT_EQ(longer.size(), rows.size() + 1);
  longer.pop_back();
  EXPECT_EQ(longer, rows);
  for (const auto& folder_of_run : {run, run / "checkpoints"}) {
    EXPECT_THAT(listing(folder_of_run),
                testing::Not(testing::Contains(testing::HasSubstr("partial"))));
  }
}

TEST_F(Resume, KilledBeforeItsFirstCheckpointItStartsFromTheSameWeightsAgain) {
  train(recipe_with({}), scenes, folder / "earlier", false);
  train(recipe_with({"train.init=" + (folder / "earlier").string(), "train.steps=1"}), scenes, run,
        false);
  const std::string model = read_file(run / "model.safetensors");
  std::filesystem::remove(run / "model.safetensors");
  std::filesystem::remove_all(run / "checkpoints");
  resume(run, recipe_of_run(run));
  EXPECT_EQ(read_file(run / "model.safetensors"), model);
}

TEST_F(Resume, GoesOnInColourOnGreyFramesWithoutTheNetworkItStartedFrom) {
  train(recipe_with({"input.gray=false"}), scenes, folder / "earlier", false);
  const std::string init = "train.init=" + (folder / "earlier").string();
  train(recipe_with({init}), scenes, run, false, stop_after(3));
  std::filesystem::remove_all(folder / "earlier");
  EXPECT_EQ(resume(run, recipe_of_run(run)).steps, 6);
  EXPECT_EQ(load_model(run).frame_channels, 3);
}

TEST_F(Resume, FindsInputsThatMovedAndRefusesOthers) {
  train(recipe_with({}), scenes, run, false, stop_after(3));
  const std::string moved = folder / "moved";
  std::filesystem::create_directory(moved);
  std::filesystem::rename(scene, moved + "/scene");
  expect_error(ExitCode::kInput, {scene}, [&] { resume(run, recipe_of_run(run)); });
  const std::vector<NamedSequence> there = {{moved + "/scene", "another name"}};
  expect_error(ExitCode::kUsage, {"1 sequences", "gives 2"}, [&] {
    resume(run, recipe_of_run(run), {}, {}, {there[0], there[0]});
  });
  EXPECT_EQ(resume(run, recipe_of_run(run), stop_after(1), {}, there).steps, 4);
  const TrainSummary summary = resume(run, recipe_of_run(run));
  EXPECT_EQ(summary.steps, 6);
  EXPECT_EQ(summary.inputs.at(0).path, there[0].path);
  EXPECT_EQ(summary.inputs.at(0).name, "scene");
  const std::string model = read_file(run / "model.safetensors");
  std::filesystem::remove(moved + "/scene/input/in000003.jpg");
  for (const auto& given : {std::vector<NamedSequence>(), there}) {
    expect_error(ExitCode::kInput, {there[0].path, "is not what", run.string()},
                 [&] { resume(run, recipe_of_run(run), {}, {}, given); });
  }
  EXPECT_EQ(read_file(run / "model.safetensors"), model);
}

TEST_F(Resume, CountsTheTimeOfAllItsCalls) {
  const TrainSummary first = train(recipe_with({}), scenes, run, false);
  const TrainSummary again = resume(run, recipe_of_run(run));
  EXPECT_EQ(again.seconds, first.seconds);
  EXPECT_EQ(again.phases.forward, first.phases.forward);
  EXPECT_GT(again.phases.preparation, first.phases.preparation);
}

TEST_F(Resume, RefusesAnotherNetwork) {
  train(recipe_with({}), scenes, run, false, stop_after(3));
  expect_error(ExitCode::kConfig, {"model.channels = 8", run.string()},
               [&] { resume(run, recipe_of_run(run, {{"model.channels=8"}})); });
  EXPECT_EQ(resume(run, recipe_of_run(run)).steps, 6);
}

TEST_F(Resume, GoesOnWithARunOfVersion01) {
  train(recipe_with({}), scenes, run, false, stop_after(3));
  auto provenance = nlohmann::json::parse(read_file(run / "provenance.json"));
  provenance.erase("stages");
  provenance.erase("calls");
  write_file_atomically(run / "provenance.json", provenance.dump());
  auto checkpoint = nlohmann::json::parse(read_file(run / "checkpoints/last/checkpoint.json"));
  checkpoint.erase("seconds");
  checkpoint.erase("phases");
  write_file_atomically(run / "checkpoints/000003/checkpoint.json", checkpoint.dump());
  EXPECT_EQ(resume(run, recipe_of_run(run)).steps, 6);
}

// Two recipes one after the other: the script takes the same steps.
TEST_F(Resume, IsMadeAgainStepByStep) {
  const std::string said = folder / "said", again = folder / "again", made = run;
  const auto shell = [&](const std::string& command) {
    return std::system(
        fmt::format("PROXSEG='{}'; export PROXSEG; {} >'{}' 2>&1", PROXSEG_PROGRAM, command, said)
            .c_str());
  };
  ASSERT_EQ(shell(fmt::format("$PROXSEG train --input {} --output {} --set model.channels=4 --set "
                              "train.batch=4 --set train.steps=8 --until 3",
                              scene, made)),
            0)
      << read_file(said);
  ASSERT_EQ(shell("$PROXSEG train --resume " + made + " --set train.steps=5"), 0);
  ASSERT_EQ(shell(made + "/reproduce.sh " + again), 0) << read_file(said);
  for (const char* file : {"model.safetensors", "config.json"}) {
    EXPECT_EQ(read_file(folder / "again" / file), read_file(run / file)) << file;
  }
  std::filesystem::remove_all(again);
  std::filesystem::remove(std::filesystem::path(scene) / "input/in000003.jpg");
  EXPECT_NE(shell(made + "/reproduce.sh " + again), 0);
  EXPECT_THAT(read_file(said), testing::HasSubstr("frames: "));
  EXPECT_FALSE(std::filesystem::exists(again));
}

TEST_F(Resume, TellsWhetherTheWeightsToStartFromAreThoseOfTheRun) {
  train(recipe_with({}), scenes, folder / "earlier", false);
  const ResolvedRecipe recipe = recipe_with({"train.init=" + (folder / "earlier").string()});
  train(recipe, scenes, run, false);
  EXPECT_EQ(same_inputs(run, scenes, recipe.recipe).at(0).path, scene);
  resume(folder / "earlier", recipe_of_run(folder / "earlier", {{"train.steps=7"}}));
  expect_error(ExitCode::kModel, {"not what", "initial weights: train.init = ", "the run's had"},
               [&] { same_inputs(run, scenes, recipe.recipe); });
  EXPECT_EQ(same_inputs(run, scenes, recipe.recipe, /*anyway=*/true).at(0).path, scene);
}

TEST_F(Resume, NamesAllThatMakesARunAnother) {
  train(recipe_with({"precision=fp32"}), scenes, run, false);
  std::filesystem::remove(std::filesystem::path(scene) / "input/in000003.jpg");
  const Recipe other = recipe_with({"precision=bf16", "train.init=none"}).recipe;
  expect_error(ExitCode::kInput,
               {"frames: '" + scene + "' has 11 files", "had 12 files", "precision: bf16",
                "the run had fp32"},
               [&] { same_inputs(run, scenes, other); });
  const int threads = at::get_num_threads();
  at::set_num_threads(threads + 1);
  expect_error(ExitCode::kInput, {fmt::format("threads: {}; the run had {}", threads + 1, threads)},
               [&] { same_inputs(run, scenes, other); });
  at::set_num_threads(threads);
  EXPECT_EQ(same_inputs(run, scenes, other, /*anyway=*/true).at(0).path, scene);
}

TEST_F(Resume, NeedsARun) {
  expect_error(ExitCode::kConfig, {folder.string(), "holds no run"},
               [&] { recipe_of_run(folder.string()); });
}

}  // namespace
}  // namespace proxseg
