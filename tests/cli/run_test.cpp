// The command run as a user calls it: from a video to masks, in one folder.
#include <gmock/gmock.h>
#include <signal.h>

#include <algorithm>
#include <chrono>
#include <filesystem>
#include <nlohmann/json.hpp>
#include <thread>

#include "proxseg/media/sink.h"
#include "proxseg/segment/segmenter.h"
#include "support/open_counter.h"
#include "support/program.h"
#include "support/scene_files.h"
#include "support/sequence_files.h"

namespace proxseg {
namespace {

namespace fs = std::filesystem;
using ::testing::AllOf;
using ::testing::ContainsRegex;
using ::testing::HasSubstr;

class RunCommand : public Program {
 protected:
  Arguments run_scene(const Arguments& more = {}) const {
    return quick({"run", scene_, "--output", path("out"), "--threads", "1"}, more);
  }

  // Starts it, sends it SIGINT once `holds`, and waits for it.
  template <typename Condition>
  Outcome interrupt_when(const Arguments& arguments, Condition&& holds) const {
    const pid_t process = start(arguments);
    const auto deadline = std::chrono::steady_clock::now() + std::chrono::minutes(2);
    while (!holds() && std::chrono::steady_clock::now() < deadline) std::this_thread::yield();
    ::kill(process, SIGINT);
    return finish(process);
  }

  void expect_all_products() const {
    EXPECT_EQ(listing(folder_ / "out/mask").size(), 12U);
    for (const char* name : {"model.safetensors", "overlay.mp4", "preview.png", "report.html"}) {
      EXPECT_TRUE(fs::exists(folder_ / "out" / name)) << name;
    }
  }

  const std::string scene_ = write_tiny_scene(folder_);
};

// The record of the run and that of the masks hash what they are of; neither decodes it.
TEST_F(RunCommand, ReadsEachFrameTwiceToHashItOnceToLearnAndOnceToSegment) {
  const OpenCounter counter(fs::path(scene_) / "input");
  ASSERT_EQ(run(run_scene()).code, 0);
  const auto counts = counter.counts();
  ASSERT_EQ(counts.size(), 12U);
  for (const auto& [name, count] : counts) {
    EXPECT_LE(count, 4) << name;
  }
}

TEST_F(RunCommand, ReadsAVideoTwiceToHashItOnceToLearnAndOnceToSegment) {
  ASSERT_EQ(
      run({"baseline", "median", "--input", scene_, "--output", path("video"), "--save", "overlay"})
          .code,
      0);
  const OpenCounter counter(folder_ / "video");
  ASSERT_EQ(
      run(quick({"run", path("video/overlay.mp4"), "--output", path("out"), "--threads", "1"}))
          .code,
      0);
  EXPECT_LE(counter.counts().at("overlay.mp4"), 5);  // with one look at what kind of file it is
  expect_all_products();
}

TEST_F(RunCommand, MakesOtherProductsOfTheMasksLaterWithoutTrainingAgain) {
  ASSERT_EQ(run(run_scene()).code, 0);
  const std::string log = read_file(folder_ / "out/metrics.csv");
  const Outcome tracked = run(run_scene({"--save", "tracks"}));
  ASSERT_EQ(tracked.code, 0) << tracked.err;
  EXPECT_THAT(tracked.out, HasSubstr("; also tracks\n"));
  const Outcome counted = run(run_scene({"--save", "boxes", "--line", "32,0,32,48"}));
  ASSERT_EQ(counted.code, 0) << counted.err;
  EXPECT_THAT(
      counted.out,
      ContainsRegex("\nline 1:     [0-9]+ from left to right, [0-9]+ from right to left\n"));
  for (const char* name : {"tracks.csv", "boxes.csv", "counts.json"}) {
    EXPECT_TRUE(fs::exists(folder_ / "out" / name)) << name;
  }
  EXPECT_EQ(read_file(folder_ / "out/metrics.csv"), log);
  const auto again = run(run_scene({"--save", "boxes", "--line", "32,0,32,48"}));
  EXPECT_THAT(again.out, HasSubstr("all 12 frames were done before"));
  expect_all_products();
  const std::string counts = read_file(folder_ / "out/counts.json");
  ASSERT_EQ(run(run_scene({"--save", "contours"})).code, 0);
  EXPECT_EQ(read_file(folder_ / "out/counts.json"), counts);
  expect_failure(ExitCode::kOutput, {"counts of other lines", "line line 1 was '32,0,32,48'"},
                 run_scene({"--line", "20,0,20,48"}));
}

TEST_F(RunCommand, MakesTheMasksThatInferMakes) {
  ASSERT_EQ(run(run_scene()).code, 0);
  ASSERT_EQ(
      run({"infer", "--model", path("out"), "--input", scene_, "--output", path("masks")}).code, 0);
  for (const std::string& name : listing(folder_ / "out/mask")) {
    const auto mask = [&](const char* folder) {
      return cv::imread((folder_ / folder / name).string(), cv::IMREAD_UNCHANGED);
    };
    EXPECT_EQ(cv::norm(mask("out/mask"), mask("masks/mask"), cv::NORM_INF), 0.0) << name;
  }
}

// Both learn the scene from them.
TEST_F(RunCommand, MakesTheMasksThatInferMakesOfAVideoWithKeyFramesEnough) {
  VideoWriter writer(folder_ / "clip.mp4", {48, 36}, 25.0);
  const auto scene = open_source(scene_);
  while (const auto frame = scene->next()) writer.write(frame->image);
  writer.close();
  const std::string clip = path("clip.mp4");
  BackgroundOptions options;
  options.frames = 2;
  ASSERT_TRUE(learns_from_key_frames(open_source(clip)->info(), options));
  const Arguments few = {"--set", "background.frames=2"};
  ASSERT_EQ(run(quick({"run", clip, "--output", path("out"), "--threads", "1"}, few)).code, 0);
  ASSERT_EQ(run({"infer", "--model", path("out"), "--input", clip, "--output", path("masks")}).code,
            0);
  const auto names = listing(folder_ / "out/mask");
  ASSERT_EQ(names.size(), 12U);
  for (const std::string& name : names) {
    const auto mask = [&](const char* folder) {
      return cv::imread((folder_ / folder / name).string(), cv::IMREAD_UNCHANGED);
    };
    EXPECT_EQ(cv::norm(mask("out/mask"), mask("masks/mask"), cv::NORM_INF), 0.0) << name;
  }
}

// A background for each part.
TEST_F(RunCommand, MakesTheMasksThatInferMakesOfALongRecording) {
  const Arguments parts = {"--set", "background.period=0.2", "--set", "background.frames=8"};
  ASSERT_EQ(run(quick({"run", scene_, "--output", path("out"), "--threads", "1"}, parts)).code, 0);
  ASSERT_EQ(
      run({"infer", "--model", path("out"), "--input", scene_, "--output", path("masks")}).code, 0);
  ASSERT_EQ(run({"infer", "--model", path("out"), "--input", scene_, "--output", path("whole"),
                 "--set", "background.period=0"})
                .code,
            0);
  double difference = 0.0;
  for (const std::string& name : listing(folder_ / "out/mask")) {
    const auto mask = [&](const char* folder) {
      return cv::imread((folder_ / folder / name).string(), cv::IMREAD_UNCHANGED);
    };
    EXPECT_EQ(cv::norm(mask("out/mask"), mask("masks/mask"), cv::NORM_INF), 0.0) << name;
    difference += cv::norm(mask("out/mask"), mask("whole/mask"), cv::NORM_INF);
  }
  EXPECT_GT(difference, 0.0);
}

// What training chooses for frames of more than 8 bits is the run's from then on.
TEST_F(RunCommand, KeepsTheLevelsThatWereChosen) {
  for (const std::string& name : listing(fs::path(scene_) / "input")) {
    cv::Mat image = cv::imread((fs::path(scene_) / "input" / name).string(), cv::IMREAD_GRAYSCALE);
    image.convertTo(image, CV_16U, 8.0, 500.0);
    save(folder_ / "deep" / (fs::path(name).stem().string() + ".png"), image);
  }
  const Arguments command = quick({"run", path("deep"), "--output", path("out"), "--threads", "1"});
  ASSERT_EQ(run(command).code, 0);
  const auto config = nlohmann::json::parse(read_file(folder_ / "out/config.json"));
  const std::string levels = config.at("input").at("levels");
  EXPECT_NE(levels, "");
  const auto written = fs::last_write_time(folder_ / "out/model.safetensors");
  const Outcome again = run(command);
  ASSERT_EQ(again.code, 0) << again.err;
  EXPECT_EQ(fs::last_write_time(folder_ / "out/model.safetensors"), written);
  ASSERT_EQ(run({"infer", "--model", path("out"), "--input", path("deep"), "--output",
                 path("masks"), "--set", "input.range=1:2"})
                .code,
            0);
  const auto record = nlohmann::json::parse(read_file(folder_ / "masks/segmentation.json"));
  EXPECT_EQ(record.at("settings").at("input.levels"), levels);
  const Outcome other = run(quick({"run", path("deep"), "--output", path("out"), "--threads", "1",
                                   "--set", "input.levels=0:65535"}));
  EXPECT_EQ(other.code, static_cast<int>(ExitCode::kOutput));
  EXPECT_THAT(other.err, HasSubstr("input.levels is " + levels + " there"));
}

TEST_F(RunCommand, PrintsWhatTrainPrintsAndItsProductsAsJson) {
  const Outcome outcome = run(run_scene({"--json"}));
  ASSERT_EQ(outcome.code, 0) << outcome.err;
  const auto printed = nlohmann::json::parse(outcome.out);
  EXPECT_EQ(printed.at("steps"), 2);
  EXPECT_EQ(printed.at("masks").at("segmented"), 12);
  EXPECT_TRUE(printed.at("warnings").is_array());
  for (const char* key : {"model", "overlay", "preview", "report"}) {
    EXPECT_TRUE(fs::exists(printed.at(key).get<std::string>())) << key;
  }
}

class InterruptedRun : public RunCommand, public testing::WithParamInterface<bool> {};

INSTANTIATE_TEST_SUITE_P(ByTheSameCommandAndByResume, InterruptedRun, testing::Bool());

TEST_P(InterruptedRun, GoesOnToAllProducts) {
  const Arguments arguments =
      run_scene({"--set", "train.steps=200", "--set", "train.checkpoint_every=5"});
  const Outcome stopped = interrupt_when(arguments, [&] {
    return fs::exists(folder_ / "out/checkpoints") && !fs::is_empty(folder_ / "out/checkpoints");
  });
  ASSERT_EQ(stopped.code, static_cast<int>(ExitCode::kInterrupted)) << stopped.err;
  EXPECT_THAT(stopped.err, HasSubstr("The same command goes on"));
  EXPECT_THAT(stopped.err, HasSubstr("proxseg run --resume " + path("out")));
  EXPECT_FALSE(fs::exists(folder_ / "out/report.html"));
  const Outcome whole = run(GetParam() ? Arguments{"run", "--resume", path("out")} : arguments);
  ASSERT_EQ(whole.code, 0) << whole.err;
  expect_all_products();
  const std::string rows = read_file(folder_ / "out/metrics.csv");
  EXPECT_EQ(std::count(rows.begin(), rows.end(), '\n'), 1 + 200);
  EXPECT_THAT(read_file(folder_ / "out/events.jsonl"), HasSubstr("interrupted"));
}

// Its folder answers for the frames that it was trained on alone.
TEST_F(RunCommand, HoldsNoMasksOfOtherFrames) {
  ASSERT_EQ(
      run(quick({"train", "--input", scene_, "--output", path("out"), "--threads", "1"})).code, 0);
  const std::string other = path("other");
  fs::copy(scene_, other, fs::copy_options::recursive);
  fs::rename(other + "/input/in000012.jpg", other + "/input/in000013.jpg");
  for (const Arguments& more : {Arguments{}, {"--force"}}) {
    Arguments words = {"infer", "--model", path("out"), "--input", other, "--output", path("out")};
    words.insert(words.end(), more.begin(), more.end());
    expect_failure(ExitCode::kOutput, {"holds a run", "its own sequence", path("out/masks")},
                   words);
  }
  EXPECT_EQ(run({"infer", "--model", path("out"), "--input", scene_, "--output", path("out")}).code,
            0);
}

// As earlier versions let them lie there.
TEST_F(RunCommand, ItsPageMeasuresNoMasksOfOtherFrames) {
  ASSERT_EQ(run(run_scene()).code, 0);
  const fs::path file = folder_ / "out/segmentation.json";
  auto record = nlohmann::json::parse(read_file(file));
  record["settings"]["frames"] = std::string(64, '0');
  record["input"] = "street.mp4";
  save_text(file, record.dump());
  const Outcome page = run({"report", path("out")});
  EXPECT_EQ(page.code, 0);
  EXPECT_THAT(page.err, AllOf(HasSubstr("are not measured"), HasSubstr("'street.mp4'")));
  const Outcome given = run({"report", path("out"), "--masks", path("out")});
  EXPECT_EQ(given.code, 0);
  EXPECT_THAT(given.err, HasSubstr("made from 'street.mp4'"));
  EXPECT_THAT(read_file(folder_ / "out/report.html"), HasSubstr("made from"));
  const Outcome measured =
      run({"eval", "--masks", path("out"), "--ground-truth", scene_, "--json"});
  EXPECT_THAT(nlohmann::json::parse(measured.out)["sequences"][0]["warnings"].dump(),
              HasSubstr("street.mp4"));
}

TEST_F(RunCommand, CarriesAllWarningsInItsJson) {
  const auto has_it = [](const nlohmann::json& printed) {
    return printed.at("warnings").dump().find("9 threads share") != std::string::npos;
  };
  const Arguments words =
      quick({"run", scene_, "--output", path("out"), "--threads", "9", "--json"});
  for (int call = 1; call <= 2; ++call) {
    const Outcome outcome = run(words);
    ASSERT_EQ(outcome.code, 0) << outcome.err;
    EXPECT_EQ(outcome.err.find("TBB"), std::string::npos) << outcome.err;
    EXPECT_TRUE(has_it(nlohmann::json::parse(outcome.out))) << outcome.out;
  }
  EXPECT_TRUE(has_it(nlohmann::json::parse(read_file(folder_ / "out/summary.json"))));
}

TEST_F(RunCommand, WhatIsMissingOfATrainedRunIsMade) {
  ASSERT_EQ(run(run_scene()).code, 0);
  const std::string model = read_file(folder_ / "out/model.safetensors");
  fs::remove_all(folder_ / "out/mask");
  fs::remove(folder_ / "out/overlay.mp4");
  const Outcome again = run(run_scene());
  ASSERT_EQ(again.code, 0) << again.err;
  expect_all_products();
  EXPECT_EQ(read_file(folder_ / "out/model.safetensors"), model);
  const auto written = fs::last_write_time(folder_ / "out/report.html");
  const Outcome finished = run(run_scene());
  EXPECT_EQ(finished.code, 0) << finished.err;
  EXPECT_THAT(finished.out, HasSubstr("all 12 frames were done before"));
  EXPECT_EQ(fs::last_write_time(folder_ / "out/report.html"), written);
  const fs::path mask = fs::directory_iterator(folder_ / "out/mask")->path();
  const std::string bytes = read_file(mask);
  save_text(mask, "");
  ASSERT_EQ(run(run_scene()).code, 0);
  EXPECT_EQ(read_file(mask), bytes) << "an empty file is no mask";
}

TEST_F(RunCommand, OtherFramesInThePlaceOfTheInputAreRefused) {
  fs::copy(scene_, folder_ / "input", fs::copy_options::recursive);
  const Arguments words = quick({"run", path("input"), "--output", path("out"), "--threads", "1"});
  ASSERT_EQ(run(words).code, 0);
  const auto written = fs::last_write_time(folder_ / "out/report.html");
  fs::remove(fs::directory_iterator(folder_ / "input/input")->path());
  expect_failure(ExitCode::kInput, {path("input"), "is not what", path("out")}, words);
  EXPECT_EQ(fs::last_write_time(folder_ / "out/report.html"), written);
}

TEST_F(RunCommand, ResumeMakesTheProductsOfATrainingThatHasMoved) {
  ASSERT_EQ(
      run(quick({"train", "--input", scene_, "--output", path("out"), "--threads", "1"})).code, 0);
  const std::string model = read_file(folder_ / "out/model.safetensors");
  fs::rename(scene_, path("moved"));
  expect_failure(ExitCode::kInput, {scene_, "--input PATH"}, {"run", "--resume", path("out")});
  const Outcome resumed = run({"run", "--resume", path("out"), "--input", path("moved")});
  ASSERT_EQ(resumed.code, 0) << resumed.err;
  expect_all_products();
  EXPECT_EQ(read_file(folder_ / "out/model.safetensors"), model);
}

TEST_F(RunCommand, ResumeLooksAtTheInputAlsoWhereNothingIsLeftToDo) {
  ASSERT_EQ(run(run_scene()).code, 0);
  expect_failure(ExitCode::kInput, {path("nowhere")},
                 {"run", "--resume", path("out"), "--input", path("nowhere")});
  const std::string other = path("other");
  fs::copy(scene_, other, fs::copy_options::recursive);
  fs::remove(fs::directory_iterator(other + "/input")->path());
  expect_failure(ExitCode::kInput, {other, "is not what"},
                 {"run", "--resume", path("out"), "--input", other});
  fs::rename(scene_, path("moved"));
  EXPECT_EQ(run({"run", "--resume", path("out")}).code, 0);
  EXPECT_EQ(run({"run", "--resume", path("out"), "--input", path("moved")}).code, 0);
}

TEST_F(RunCommand, ResumeTakesMoreStepsAndMakesTheProductsAgain) {
  ASSERT_EQ(run(run_scene()).code, 0);
  const std::string model = read_file(folder_ / "out/model.safetensors");
  ASSERT_EQ(run({"run", "--resume", path("out")}).code, 0);
  EXPECT_EQ(read_file(folder_ / "out/model.safetensors"), model);
  const Outcome more = run(
      {"run", "--resume", path("out"), "--set", "train.steps=4", "--set", "mask.threshold=0.6"});
  ASSERT_EQ(more.code, 0) << more.err;
  const std::string rows = read_file(folder_ / "out/metrics.csv");
  EXPECT_EQ(std::count(rows.begin(), rows.end(), '\n'), 1 + 4);
  EXPECT_THAT(more.out, HasSubstr("12 frames segmented"));
}

TEST_F(RunCommand, ResumeRefusesWhatARunHasOrIsNot) {
  expect_failure(ExitCode::kConfig, {"holds no run"}, {"run", "--resume", path("none")});
  for (const Arguments& other : {Arguments{"--output", "x"}, {"--config", "fast"}, {"--force"}}) {
    Arguments words = {"run", "--resume", path("out")};
    words.insert(words.end(), other.begin(), other.end());
    expect_failure(ExitCode::kUsage, {other[0], "--resume"}, words);
  }
  fs::copy(scene_, folder_ / "other", fs::copy_options::recursive);
  ASSERT_EQ(
      run(quick({"train", "--input", scene_, "--input", path("other"), "--output", path("two")}))
          .code,
      0);
  expect_failure(ExitCode::kUsage, {"2 sequences", "proxseg train --resume " + path("two")},
                 {"run", "--resume", path("two")});
}

TEST_F(RunCommand, TheFolderOfAnotherRecipeOrInputIsRefusedUnlessForced) {
  ASSERT_EQ(run(run_scene()).code, 0);
  expect_failure(ExitCode::kOutput,
                 {path("out"), "another call", "seed is 1 there, 7 here", "--force"},
                 run_scene({"--seed", "7"}));
  fs::copy(scene_, folder_ / "moved", fs::copy_options::recursive);
  const Arguments moved = quick({"run", path("moved"), "--output", path("out"), "--threads", "1"});
  EXPECT_THAT(run(moved).out, HasSubstr("were done before"));
  fs::copy(scene_, folder_ / "other", fs::copy_options::recursive);
  fs::rename(folder_ / "other/input/in000012.jpg", folder_ / "other/input/in000013.jpg");
  const Arguments other = quick({"run", path("other"), "--output", path("out"), "--threads", "1"});
  expect_failure(ExitCode::kOutput, {"the input is", scene_, path("other"), "--force"}, other);
  Arguments forced = other;
  forced.push_back("--force");
  EXPECT_EQ(run(forced).code, 0);
  EXPECT_EQ(listing(folder_ / "out/mask").size(), 12U);
}

// The frames of a video have no names to compare with those of its labels.
TEST_F(RunCommand, ItsPageSaysWhereLabelsAreOfOtherFiles) {
  ASSERT_EQ(run(run_scene()).code, 0);
  const std::string other = path("other");
  fs::copy(scene_, other, fs::copy_options::recursive);
  fs::copy_file(other + "/input/in000001.jpg", other + "/input/in000002.jpg",
                fs::copy_options::overwrite_existing);
  const Outcome own = run({"report", path("out"), "--ground-truth", other});
  EXPECT_THAT(own.err, HasSubstr("measures mean nothing unless"));
  EXPECT_THAT(read_file(folder_ / "out/report.html"), HasSubstr("measures mean nothing unless"));
  fs::remove_all(folder_ / "out/mask");
  const Outcome made_now = run({"report", path("out"), "--ground-truth", other});
  EXPECT_THAT(made_now.err, HasSubstr("are other files than those of"));
  EXPECT_THAT(read_file(folder_ / "out/report.html"), HasSubstr("are other files than those of"));
}

TEST_F(RunCommand, ItsPageSaysWhereItsFramesWereReplaced) {
  ASSERT_EQ(run(run_scene()).code, 0);
  EXPECT_EQ(run({"report", path("out")}).err.find("is not what"), std::string::npos);
  fs::copy_file(scene_ + "/input/in000001.jpg", scene_ + "/input/in000002.jpg",
                fs::copy_options::overwrite_existing);
  EXPECT_THAT(run({"report", path("out")}).err, HasSubstr("is not what"));
  EXPECT_THAT(read_file(folder_ / "out/report.html"), HasSubstr("is not what"));
}

TEST_F(RunCommand, DamagedProvenanceIsAnError) {
  ASSERT_EQ(run(run_scene()).code, 0);
  const fs::path file = folder_ / "out/provenance.json";
  const auto whole = nlohmann::json::parse(read_file(file));
  for (const char* part : {"inputs", "stages", "calls"}) {
    auto damaged = whole;
    damaged[part] = nlohmann::json::array();
    save_text(file, damaged.dump());
    for (const char* command : {"run", "train"}) {
      expect_failure(ExitCode::kConfig, {path("out"), "is damaged"},
                     {command, "--resume", path("out"), "--set", "train.steps=5"});
    }
  }
}

TEST_F(RunCommand, RefusesItsOwnMasksAsFramesBeforeItTrains) {
  ASSERT_EQ(run(run_scene()).code, 0);
  const std::string log = read_file(folder_ / "out/metrics.csv");
  for (const char* input : {"out/mask", "out/overlay.mp4"}) {
    expect_failure(
        ExitCode::kOutput, {path(input)},
        quick({"run", path(input), "--output", path("out"), "--force", "--threads", "1"}));
  }
  EXPECT_EQ(read_file(folder_ / "out/metrics.csv"), log);
  expect_all_products();
}

}  // namespace
}  // namespace proxseg
