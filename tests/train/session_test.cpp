#include "proxseg/train/session.h"
#include "proxseg/recipe/generic.h"

#include <ATen/Parallel.h>
#include <fcntl.h>
#include <fmt/format.h>
#include <gmock/gmock.h>
#include <sys/file.h>
#include <unistd.h>

#include <chrono>
#include <nlohmann/json.hpp>

#include "core/write.h"
#include "proxseg/core/file.h"
#include "proxseg/core/process.h"
#include "proxseg/media/levels.h"
#include "proxseg/media/sequences.h"
#include "proxseg/nn/export/safetensors.h"
#include "support/expect_error.h"
#include "train/tiny_run.h"

namespace proxseg {
namespace {

TEST_F(Session, WritesARunFolderThatIsWhole) {
  const TrainSummary summary = train(recipe_with({}), scenes, run, false);
  EXPECT_EQ(summary.steps, 6);
  EXPECT_EQ(summary.termination, Termination::kCompleted);
  EXPECT_FALSE(summary.rpca_gap.has_value());
  const auto rows = rows_of(run / "metrics.csv");
  ASSERT_EQ(rows.size(), 7U);
  EXPECT_EQ(rows[0].rfind("step,loss,nuclear", 0), 0U);
  EXPECT_EQ(rows[6].rfind("5,", 0), 0U);
  for (const char* file : {"config.json", "provenance.json", "environment.json", "reproduce.sh",
                           "events.jsonl", "events.out.tfevents", "log.txt", "previews/000000.jpg",
                           "previews/000005.jpg", "backgrounds/scene.png",
                           "backgrounds/scene.scale.png", "summary.json", "model.safetensors"}) {
    EXPECT_TRUE(std::filesystem::exists(run / file)) << file;
  }
  const auto json = nlohmann::json::parse(read_file(run / "summary.json"));
  EXPECT_EQ(json.at("steps"), 6);
  EXPECT_EQ(load_model(run).frame_channels, 1);
  EXPECT_EQ(load_model(run).recipe.model.unet.channels, 4);
}

// The tiny scene in 12 bits, twice, the second time brighter.
TEST_F(Session, KeepsTheLevelsThatItChoosesForAllSequences) {
  const auto in_12_bits = [&](const std::string& name, double offset) {
    for (const auto& entry :
         std::filesystem::directory_iterator(std::filesystem::path(scene) / "input")) {
      cv::Mat image = cv::imread(entry.path().string(), cv::IMREAD_GRAYSCALE);
      image.convertTo(image, CV_16U, 4.0, offset);
      std::filesystem::create_directories(folder / name);
      cv::imwrite((folder / name / entry.path().stem()).string() + ".png", image);
    }
    return NamedSequence{(folder / name).string(), name};
  };
  const NamedSequence dark = in_12_bits("dark", 1000.0), bright = in_12_bits("bright", 1500.0);
  const auto levels_of = [](const NamedSequence& sequence) {
    return *choose_levels({sequence.path}, {});
  };
  const std::string both = to_string({levels_of(dark).low, levels_of(bright).high});
  train(recipe_with({}), {dark, bright}, run, false, stop_after(2));
  const ResolvedRecipe kept = recipe_of_run(run);
  EXPECT_EQ(kept.recipe.input.levels, both);
  EXPECT_EQ(kept.origins.at("input.levels"), kFromInput);
  resume(run, kept);
  EXPECT_EQ(load_model(run).recipe.input.levels, both);
  train(recipe_with({"input.levels=0:4095"}), {dark}, run, true);
  EXPECT_EQ(recipe_of_run(run).recipe.input.levels, "0:4095");
  train(recipe_with({}), scenes, run, true);
  EXPECT_EQ(recipe_of_run(run).recipe.input.levels, "");  // of 8 bits
}

TEST_F(Session, SummaryHoldsTheSpectraOfFramesAndBackground) {
  const TrainSummary summary = train(recipe_with({}), scenes, run, false);
  const auto json = nlohmann::json::parse(read_file(run / "summary.json"));
  EXPECT_EQ(json.at("singular_values").at("frames").size(), 4U);
  const auto& [frames, background] = summary.spectra;
  ASSERT_EQ(background.size(), 4U);
  EXPECT_TRUE(std::is_sorted(frames.rbegin(), frames.rend()));
  EXPECT_TRUE(std::is_sorted(background.rbegin(), background.rend()));
  EXPECT_EQ(json.at("singular_values").at("background").at(0), background[0]);
}

TEST_F(Session, SaysWhereTheTimeWent) {
  const auto start = std::chrono::steady_clock::now();
  const TrainSummary summary = train(recipe_with({}), scenes, run, false);
  const double seconds =
      std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
  const PhaseSeconds& phases = summary.phases;
  for (const auto& [name, member] : kPhases) EXPECT_GT(phases.*member, 0.0) << name;
  EXPECT_LE(phases.sum(), seconds);
  EXPECT_GE(phases.sum(), summary.seconds);
  EXPECT_LE(phases.forward + phases.loss + phases.backward + phases.optimizer, summary.seconds);
  EXPECT_NEAR(summary.last.phases.sum(), summary.last.seconds, 1e-9);
  const auto json = nlohmann::json::parse(read_file(run / "summary.json"));
  EXPECT_EQ(json.at("phases").at("backward"), phases.backward);
  const auto end = nlohmann::json::parse(rows_of(run / "events.jsonl").back());
  EXPECT_EQ(end.at("phases").at("forward"), phases.forward);
}

TEST_F(Session, KeepsTheTwoLatestCheckpoints) {
  train(recipe_with({}), scenes, run, false);
  EXPECT_THAT(listing(run / "checkpoints"),
              testing::UnorderedElementsAre("000004", "000006", "last"));
  std::filesystem::create_directory_symlink("000004", run / "checkpoints/best");  // of proxseg 0.1
  resume(run, recipe_of_run(run, {{"train.steps=10"}}));
  EXPECT_THAT(listing(run / "checkpoints"),
              testing::UnorderedElementsAre("000008", "000010", "last"));
  EXPECT_EQ(std::filesystem::read_symlink(run / "checkpoints/last"), "000010");
  EXPECT_EQ(load_model(run / "checkpoints/last").frame_channels, 1);
}

std::vector<std::string> events_of(const std::filesystem::path& run) {
  std::vector<std::string> events;
  for (const std::string& line : rows_of(run / "events.jsonl")) {
    const auto json = nlohmann::json::parse(line);
    if (json.at("event") == "warning") continue;
    events.push_back(
        fmt::format("{} {}", json.at("event").get<std::string>(), json.at("step").get<int64_t>()));
  }
  return events;
}

TEST_F(Session, EventsTellTheStoryOfTheRunOnce) {
  train(recipe_with({"train.log_every=2"}), scenes, run, false, stop_after(3));
  EXPECT_THAT(events_of(run), testing::ElementsAre("start 0", "step 0", "checkpoint 2", "step 2",
                                                   "checkpoint 3", "interrupted 3"));
  std::filesystem::remove_all(run / "checkpoints/000003");  // as if killed before it was written
  const auto tfevents = std::filesystem::file_size(run / "events.out.tfevents");
  resume(run, recipe_of_run(run));
  EXPECT_THAT(
      events_of(run),
      testing::ElementsAre("start 0", "step 0", "checkpoint 2", "interrupted 3", "start 2",
                           "step 2", "checkpoint 4", "step 4", "step 5", "checkpoint 6", "end 6"));
  EXPECT_GT(std::filesystem::file_size(run / "events.out.tfevents"), tfevents);
  EXPECT_THAT(read_file(run / "log.txt"), testing::HasSubstr("end after 6 steps"));
}

TEST_F(Session, TensorBoardGetsPicturesSingularValuesRecipeAndScore) {
  train(recipe_with({}), scenes, run, false);
  const std::string events = read_file(run / "events.out.tfevents");
  for (const char* part : {"frame", "background", "mask", "\x89PNG", "singular_values/frames",
                           "singular_values/background", "_hparams_/session_start_info",
                           "loss.l1.weight", "_hparams_/session_end_info", "score"}) {
    EXPECT_THAT(events, testing::HasSubstr(part));
  }
}

TEST_F(Session, WarningsAreEventsAndLinesOfTheLog) {
  write_file_atomically(std::filesystem::path(scene) / "input/in000002.jpg", "damaged");
  train(recipe_with({"input.on_error=skip"}), scenes, run, false);
  EXPECT_THAT(read_file(run / "events.jsonl"), testing::HasSubstr(R"("event":"warning")"));
  EXPECT_THAT(read_file(run / "log.txt"), testing::ContainsRegex("warning: .*in000002"));
  EXPECT_THAT(read_file(run / "summary.json"), testing::ContainsRegex("warnings.*\n.*in000002"));
}

TEST_F(Session, SaysThatItsMasksCanHardlyBeRight) {
  const TrainSummary summary = train(recipe_with({"mask.threshold=0.999"}), scenes, run, false);
  EXPECT_THAT(summary.warnings, testing::Contains(testing::AllOf(
                                    testing::HasSubstr("scene: no mask in any of 12 frames"),
                                    testing::HasSubstr("loss.l1.weight"))));
  EXPECT_THAT(read_file(run / "events.jsonl"), testing::HasSubstr("no mask in any of 12 frames"));
}

TEST_F(Session, SaysWhyARunFailed) {
  const ResolvedRecipe recipe =
      recipe_with({"train.learning_rate=1e30", "train.warmup=0", "train.steps=20"});
  expect_error(ExitCode::kNumerics, {"step"}, [&] { train(recipe, scenes, run, false); });
  const auto last = nlohmann::json::parse(rows_of(run / "events.jsonl").back());
  EXPECT_EQ(last.at("event"), "failed");
  EXPECT_THAT(last.at("reason").get<std::string>(), testing::HasSubstr("step 1: "));
}

TEST_F(Session, SaysWhatTheRunDependsOnAndHowToMakeItAgain) {
  train(recipe_with({"seed=7", "precision=fp32"}), scenes, run, false);
  const auto environment = nlohmann::json::parse(read_file(run / "environment.json"));
  EXPECT_EQ(environment.at("settings").at("seed"), 7);
  EXPECT_EQ(environment.at("settings").at("precision"), "fp32");
  EXPECT_EQ(environment.at("inputs").at(0).at("files"), 12);
  EXPECT_EQ(environment.at("inputs").at(0).at("sha256"), fingerprint_of(scene).sha256);
  EXPECT_THAT(read_file(run / "reproduce.sh"), testing::HasSubstr("set -- " + scene));
  EXPECT_NE(std::filesystem::status(run / "reproduce.sh").permissions() &
                std::filesystem::perms::owner_exec,
            std::filesystem::perms::none);
}

TEST_F(Session, SaysWhichPrecisionItChoseByItself) {
  const ResolvedRecipe recipe = recipe_with({"precision=auto"});
  train(recipe, scenes, run, false);
  const auto environment = nlohmann::json::parse(read_file(run / "environment.json"));
  EXPECT_EQ(environment.at("settings").at("precision"), cpu_gains_by_bfloat16() ? "bf16" : "fp32");
}

TEST_F(Session, TheScriptThatMakesItAgainWorksFromAnyFolderAndTakesInputsThatMoved) {
  train(recipe_with({}), scenes, run, false);
  std::filesystem::rename(run, folder / "moved run");
  const std::string program = (folder / "program").string();
  write_file_atomically(
      program,
      "#!/bin/sh\necho $OMP_NUM_THREADS\necho $PROXSEG_PRECISION\nfor word; do echo \"$word\"; done\n");
  std::filesystem::permissions(program, std::filesystem::perms::owner_all);
  const std::string command =
      fmt::format("cd '{0}' && PROXSEG='{1}' 'moved run/reproduce.sh' again 'other scene' > said",
                  folder.string(), program);
  ASSERT_EQ(std::system(command.c_str()), 0);
  const auto root = std::filesystem::weakly_canonical(folder / ".");
  EXPECT_THAT(rows_of(folder / "said"),
              testing::ElementsAre(std::to_string(at::get_num_threads()),
                                   cpu_gains_by_bfloat16() ? "bf16" : "fp32", "train", "--input",
                                   root / "other scene", "--config", root / "moved run/config.json",
                                   "--output", root / "again", "--same-as", root / "moved run"));
}

TEST_F(Session, TheFolderIsTakenBeforeTheFramesAreRead) {
  int asked = 0;
  TrainCallbacks callbacks;
  callbacks.should_stop = [&] {
    if (++asked == 1) {
      for (const bool force : {false, true}) {
        expect_error(ExitCode::kOutput, {"another process is training in", run.string()},
                     [&] { train(recipe_with({}), scenes, run, force); });
      }
    }
    return false;
  };
  train(recipe_with({}), scenes, run, false, callbacks);
  EXPECT_GT(asked, 6);
  EXPECT_EQ(load_model(run).frame_channels, 1);
}

TEST_F(Session, MayNotWriteAmongTheFrames) {
  const std::filesystem::path frames = std::filesystem::path(scene) / "input";
  const size_t before = listing(frames).size();
  for (const bool force : {false, true}) {
    expect_error(ExitCode::kOutput, {"the frames of", scene},
                 [&] { train(recipe_with({}), scenes, frames, force); });
  }
  EXPECT_EQ(listing(frames).size(), before);
}

TEST_F(Session, MayNotRemoveTheFrames) {
  train(recipe_with({}), scenes, run, false);
  const auto frames = run / "backgrounds/mine";
  std::filesystem::copy(std::filesystem::path(scene) / "input", frames);
  const size_t before = listing(frames).size();
  for (const std::string& input : {frames.string(), (frames / "*").string()}) {
    expect_error(ExitCode::kOutput, {input, run.string(), "backgrounds"}, [&] {
      train(recipe_with({}), {{input, "mine"}}, run, true);
    });
  }
  EXPECT_EQ(listing(frames).size(), before);
}

TEST_F(Session, MayNotRemoveWhatIsNoRun) {
  write_file_atomically(run / "checkpoints/mine.txt", "mine");
  expect_error(ExitCode::kOutput, {run.string(), "holds no run", "checkpoints"},
               [&] { train(recipe_with({}), scenes, run, true); });
  EXPECT_EQ(read_file(run / "checkpoints/mine.txt"), "mine");
  std::filesystem::rename(run / "checkpoints", run / "notes");
  train(recipe_with({}), scenes, run, true);
  EXPECT_EQ(read_file(run / "notes/mine.txt"), "mine");
}

TEST_F(Session, StopsWhileTheFramesAreReadAndLeavesNothing) {
  const TrainSummary summary = train(recipe_with({}), scenes, run, false, stop_after(0));
  EXPECT_TRUE(summary.interrupted());
  EXPECT_THAT(summary.brief_report(), testing::HasSubstr("while the frames were read"));
  EXPECT_FALSE(std::filesystem::exists(run));
  train(recipe_with({}), scenes, run, false);
  const std::string model = read_file(run / "model.safetensors");
  EXPECT_TRUE(train(recipe_with({}), scenes, run, true, stop_after(0)).interrupted());
  EXPECT_EQ(read_file(run / "model.safetensors"), model);
}

TEST_F(Session, AFailureAfterTheLastStepIsAnEvent) {
  TrainCallbacks callbacks;
  callbacks.on_step = [&](const StepReport&, int64_t) {
    std::filesystem::create_directories(run / "model.safetensors/full");
  };
  expect_error(ExitCode::kOutput, {"model.safetensors"},
               [&] { train(recipe_with({}), scenes, run, false, callbacks); });
  const auto last = nlohmann::json::parse(rows_of(run / "events.jsonl").back());
  EXPECT_EQ(last.at("event"), "failed");
  EXPECT_THAT(last.at("reason").get<std::string>(), testing::HasSubstr("model.safetensors"));
}

TEST_F(Session, SummarySaysHowItEnded) {
  const TrainSummary stopped = train(recipe_with({}), scenes, run, false, stop_after(3));
  EXPECT_EQ(stopped.brief_report(), "interrupted after 3 steps: stopped before the last step");
  const TrainSummary done = resume(run, recipe_of_run(run));
  EXPECT_THAT(done.brief_report(), testing::StartsWith("completed: 6 steps in 0:"));
  EXPECT_THAT(done.full_report(), testing::AllOf(testing::HasSubstr(done.model.string()),
                                                 testing::HasSubstr("without labels")));
  const auto json = nlohmann::json::parse(done.to_json());
  EXPECT_EQ(json.at("termination"), "completed");
  EXPECT_FALSE(json.at("interrupted"));
  EXPECT_EQ(TrainSummary().termination, Termination::kFailed);
}

TEST_F(Session, TrainsOneNetworkOnSeveralSequences) {
  const std::vector<NamedSequence> both = {{scene, "a/one"}, {scene, "b/two"}};
  const TrainSummary first = train(recipe_with({}), both, run, false, stop_after(3));
  EXPECT_TRUE(first.interrupted());
  EXPECT_TRUE(std::filesystem::exists(run / "backgrounds/a/one.png"));
  EXPECT_TRUE(std::filesystem::exists(run / "backgrounds/b/two.png"));
  size_t clips = 0;
  TrainCallbacks callbacks;
  callbacks.on_start = [&](const Trainer& trainer) { clips = trainer.clips().size(); };
  EXPECT_EQ(resume(run, recipe_of_run(run), callbacks).steps, 6);
  EXPECT_EQ(clips, 2U);
}

TEST_F(Session, ASecondProcessInTheFolderIsRefused) {
  train(recipe_with({}), scenes, run, false, stop_after(2));
  const int other = ::open(run.c_str(), O_RDONLY | O_DIRECTORY);
  ASSERT_EQ(::flock(other, LOCK_EX | LOCK_NB), 0);
  const std::string metrics = read_file(run / "metrics.csv");
  expect_error(ExitCode::kOutput, {"another process is training in", run.string()},
               [&] { resume(run, recipe_of_run(run)); });
  expect_error(ExitCode::kOutput, {"another process is training in"},
               [&] { train(recipe_with({}), scenes, run, true); });
  EXPECT_EQ(read_file(run / "metrics.csv"), metrics);
  ::close(other);
  EXPECT_EQ(resume(run, recipe_of_run(run)).steps, 6);
}

TEST_F(Session, ALossThatIsNotFiniteLeavesTheLastGoodCheckpoint) {
  const ResolvedRecipe recipe =
      recipe_with({"train.learning_rate=1e30", "train.warmup=0", "train.checkpoint_every=1"});
  expect_error(ExitCode::kNumerics, {"step 1: the ", " term of the loss"},
               [&] { train(recipe, scenes, run, false); });
  EXPECT_EQ(load_model(run / "checkpoints/last").frame_channels, 1);
  EXPECT_EQ(std::filesystem::read_symlink(run / "checkpoints/last"), "000001");
}

TEST_F(Session, RefusesAnOccupiedFolderAndOverwritesWhenForced) {
  train(recipe_with({}), scenes, run, false);
  expect_error(ExitCode::kOutput, {run.string(), "not an empty folder"},
               [&] { train(recipe_with({}), scenes, run, false); });
  train(recipe_with({"train.steps=2"}), scenes, run, true);
  EXPECT_EQ(rows_of(run / "metrics.csv").size(), 3U);
  EXPECT_THAT(listing(run / "checkpoints"), testing::UnorderedElementsAre("000002", "last"));
}

TEST_F(Session, BadInputLeavesNoRunFolder) {
  expect_error(ExitCode::kInput, {"nowhere"}, [&] {
    train(recipe_with({}), {{(folder / "nowhere").string(), "nowhere"}}, run, false);
  });
  EXPECT_FALSE(std::filesystem::exists(run));
}

TEST_F(Session, StartsFromTheWeightsOfAnotherRun) {
  train(recipe_with({}), scenes, folder / "earlier", false);
  const auto earlier = load_model(folder / "earlier").network.parameters();
  const std::string init = "train.init=" + (folder / "earlier").string();
  train(recipe_with({init, "seed=2", "train.steps=1", "train.learning_rate=1e-9"}), scenes, run,
        false);
  const auto parameters = load_model(run).network.parameters();
  ASSERT_EQ(parameters.size(), earlier.size());
  for (size_t i = 0; i < earlier.size(); ++i) {
    EXPECT_TRUE(torch::allclose(parameters[i], earlier[i], 0.0, 1e-6));
  }
}

TEST_F(Session, RefusesToStartFromWeightsThatDoNotFitAndKeepsTheRunThatIsThere) {
  train(recipe_with({}), scenes, run, false);
  const std::string init = "train.init=" + run.string();
  expect_error(
      ExitCode::kModel,
      {"model.safetensors", "does not fit the network", "model.channels is 4 there and 8 here"},
      [&] {
        train(recipe_with({init, "model.channels=8"}), scenes, run, true);
      });
  expect_error(ExitCode::kModel, {"nowhere"},
               [&] { train(recipe_with({"train.init=nowhere"}), scenes, run, true); });
  EXPECT_EQ(load_model(run).recipe.model.unet.channels, 4);
}

TEST_F(Session, StartsFromTheGenericNetworkOnGreyFramesToo) {
  const auto generic = load_model(kGenericModel).network.parameters();
  Recipe recipe = load_recipe("default", {{"train.init=generic"}, {"train.learning_rate=1e-9"}});
  recipe.train.steps = 1;
  recipe.train.batch = 2;
  train({recipe, {}}, scenes, run, false);
  const Model model = load_model(run);
  EXPECT_EQ(model.frame_channels, 3);
  for (size_t i = 0; i < generic.size(); ++i) {
    EXPECT_TRUE(torch::allclose(model.network.parameters()[i], generic[i], 0.0, 1e-6));
  }
  expect_error(ExitCode::kModel,
               {"'generic' does not fit", "model.channels is 16 there and 4 here"},
               [&] { train(recipe_with({"train.init=generic"}), scenes, run, true); });
}

TEST_F(Session, StartsOnGreyFramesFromANetworkOfFramesInColour) {
  train(recipe_with({"input.gray=false"}), scenes, folder / "earlier", false);
  const std::string init = "train.init=" + (folder / "earlier").string();
  train(recipe_with({init, "train.steps=1"}), scenes, run, false);
  EXPECT_EQ(load_model(run).frame_channels, 3);
}

TEST_F(Session, SaysThatANetworkOfGreyFramesIsNotOneOfFramesInColour) {
  train(recipe_with({}), scenes, folder / "earlier", false);
  const std::string init = "train.init=" + (folder / "earlier").string();
  expect_error(ExitCode::kModel, {"model.safetensors", "of grey frames", "in colour"}, [&] {
    train(recipe_with({init, "input.gray=false"}), scenes, run, false);
  });
}

// Every file in folder is as it was meant to be, and none is half written.
void expect_whole_files(const std::filesystem::path& folder) {
  for (const auto& entry : std::filesystem::recursive_directory_iterator(folder)) {
    const auto& path = entry.path();
    EXPECT_NE(path.filename().string().front(), '.') << path;
    if (!entry.is_regular_file()) continue;
    const std::string kind = path.extension();
    EXPECT_TRUE(kind != ".json" || nlohmann::json::accept(read_file(path))) << path;
    EXPECT_TRUE(kind != ".jpg" || !cv::imread(path.string()).empty()) << path;
    if (kind == ".safetensors") load_safetensors(path);
    if (kind != ".csv" && kind != ".jsonl") continue;
    const std::string text = read_file(path);
    EXPECT_TRUE(text.empty() || text.back() == '\n') << path;
  }
}

TEST_F(Session, ADiskThatIsFullAtAnyWriteLosesNothingThatWasWritten) {
  const ResolvedRecipe recipe = recipe_with({"train.steps=2", "train.checkpoint_every=1"});
  train(recipe, scenes, folder / "whole", false);
  const std::string expected = read_file(folder / "whole/model.safetensors");
  bool failed = true;
  int room = 0;
  for (; failed; ++room) {
    std::filesystem::remove_all(run);
    int writes = 0;
    set_write_fault([&] { return writes++ < room ? 0 : ENOSPC; });
    try {
      train(recipe, scenes, run, false);
      failed = false;
    } catch (const OutputError& error) {
      EXPECT_THAT(error.what(), testing::HasSubstr("No space left on device"));
    }
    set_write_fault({});
    if (std::filesystem::exists(run)) expect_whole_files(run);
    if (std::filesystem::exists(run / "config.json")) {
      resume(run, recipe_of_run(run));
      EXPECT_EQ(read_file(run / "model.safetensors"), expected) << "room for " << room;
    }
  }
  EXPECT_GT(room, 20);
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
