// The program as a user runs it: exit codes, messages, and what is on disk afterwards.
#include <fmt/format.h>
#include <gtest/gtest.h>
#include <signal.h>

#include <algorithm>
#include <chrono>
#include <cstdlib>
#include <nlohmann/json.hpp>
#include <opencv2/imgproc.hpp>
#include <sstream>
#include <thread>

#include "proxseg/core/error.h"
#include "support/file_server.h"
#include "support/program.h"
#include "support/scene_files.h"
#include "support/sequence_files.h"
#include "support/standard_input.h"

namespace proxseg {
namespace {

namespace fs = std::filesystem;

void write_frames(const fs::path& folder, int count, cv::Size size, const char* extension) {
  for (int i = 1; i <= count; ++i)
    save(folder / fmt::format("f{}{}", i, extension), noise_image(i, size));
}

// No file that is not whole: nothing hidden, and every image can be read.
void expect_only_whole_files(const fs::path& root) {
  for (const auto& entry : fs::recursive_directory_iterator(root)) {
    if (!entry.is_regular_file()) continue;
    EXPECT_NE(entry.path().filename().string()[0], '.') << entry.path();
    if (entry.path().extension() == ".png") {
      EXPECT_FALSE(cv::imread(entry.path().string()).empty()) << entry.path();
    }
  }
}

TEST_F(Program, RunTakesFoldersOfAnySizeAndLength) {
  write_frames(folder_ / "png", 5, {161, 119}, ".png");
  write_frames(folder_ / "jpeg", 3, {33, 47}, ".jpg");
  write_frames(folder_ / "one", 1, {64, 48}, ".png");
  write_frames(folder_ / "two", 2, {64, 48}, ".png");
  for (const auto& [name, count] : {std::pair{"png", 5}, {"jpeg", 3}, {"one", 1}, {"two", 2}}) {
    const Outcome outcome =
        run(quick({"run", path(name), "--output", path(std::string(name) + "-run")}));
    ASSERT_EQ(outcome.code, 0) << outcome.err;
    const fs::path run = folder_ / (std::string(name) + "-run");
    EXPECT_EQ(listing(run / "mask").size(), static_cast<size_t>(count));
    EXPECT_TRUE(fs::exists(run / "preview.png"));
    EXPECT_TRUE(fs::exists(run / "overlay.mp4"));
    expect_only_whole_files(run);
  }
  EXPECT_EQ(cv::imread(path("png-run/mask/f3.png")).size(), cv::Size(161, 119));
}

TEST_F(Program, RunTakesVideosAndGrayFrames) {
  const std::string scene = write_tiny_scene(folder_);
  ASSERT_EQ(
      run(quick({"run", scene, "--output", path("scene-run")}, {"--set", "input.gray=true"})).code,
      0);
  const Outcome video =
      run(quick({"run", path("scene-run/overlay.mp4"), "--output", path("video-run")}));
  ASSERT_EQ(video.code, 0) << video.err;
  EXPECT_EQ(listing(folder_ / "video-run/mask").size(), 12U);
  EXPECT_TRUE(fs::exists(folder_ / "video-run/mask/frame000001.png"));
}

// The tiny scene as a program of the kind of ffmpeg passes it on.
std::string raw_frames(const std::string& scene) {
  std::string bytes;
  const auto source = open_source(scene);
  while (const auto frame = source->next()) bytes += bytes_of(frame->image);
  return bytes;
}

TEST_F(Program, InferIsPartOfAPipe) {
  const std::string scene = write_tiny_scene(folder_);
  ASSERT_EQ(run(quick({"train", "--input", scene, "--output", path("run")})).code, 0);
  const Arguments infer = {"infer", "--model", path("run"), "--save", "mask"};
  const auto with = [&](Arguments more) {
    more.insert(more.begin(), infer.begin(), infer.end());
    return run(more);
  };
  const Outcome files = with({"--input", scene, "--output", path("masks")});
  ASSERT_EQ(files.code, 0) << files.err;
  std::string masks;
  for (int i = 1; i <= 12; ++i) {
    masks +=
        bytes_of(cv::imread(path(fmt::format("masks/mask/in{:06d}.png", i)), cv::IMREAD_GRAYSCALE));
  }
  save_text(folder_ / "stdin", raw_frames(scene));
  const Outcome pipe = with({"--input", "-", "--size", "48x36", "--output", "-"});
  ASSERT_EQ(pipe.code, 0) << pipe.err;
  EXPECT_EQ(pipe.out, masks);
  EXPECT_NE(pipe.err.find("12 frames segmented"), std::string::npos) << pipe.err;
  expect_failure(ExitCode::kInput, {"yuv4mpegpipe", "--size WIDTHxHEIGHT"},
                 {"infer", "--model", path("run"), "--input", "-", "--output", "-"});
  expect_failure(ExitCode::kUsage, {"--json"},
                 {"infer", "--model", path("run"), "--input", "-", "--output", "-", "--json"});
  expect_failure(
      ExitCode::kUsage, {"one sequence"},
      {"infer", "--model", path("run"), "--input", scene, "--input", "-", "--output", "-"});
  expect_failure(ExitCode::kInput, {"'-' is a stream"},
                 quick({"train", "--input", "-", "--output", path("none")}));
}

TEST_F(Program, BaselineSegmentsAnAddress) {
  const std::string scene = write_tiny_scene(folder_);
  ASSERT_EQ(run({"baseline", "median", "--input", scene, "--output", path("files"), "--save",
                 "mask-video"})
                .code,
            0);
  const FileServer server(read_file(folder_ / "files/mask.mkv"));
  const Outcome outcome = run({"baseline", "mog2", "--input", server.address_of("gate.mkv"),
                               "--output", path("stream"), "--save", "mask,overlay"});
  ASSERT_EQ(outcome.code, 0) << outcome.err;
  EXPECT_EQ(listing(folder_ / "stream/mask").size(), 12U);
  EXPECT_TRUE(fs::exists(folder_ / "stream/overlay.mp4"));
  expect_failure(ExitCode::kInput, {"http://127.0.0.1:1/x"},
                 {"baseline", "mog2", "--input", "http://127.0.0.1:1/x", "--output", path("none")});
  EXPECT_FALSE(fs::exists(folder_ / "none"));
}

TEST_F(Program, SameSeedSameMasksAnotherSeedOthers) {
  const std::string scene = write_tiny_scene(folder_);
  for (const auto& [name, seed] : {std::pair{"a", "3"}, {"b", "3"}, {"c", "4"}}) {
    ASSERT_EQ(run(quick({"run", scene, "--output", path(name), "--seed", seed})).code, 0);
    ASSERT_EQ(run({"infer", "--model", path(name), "--input", scene, "--output", path(name),
                   "--save", "soft"})
                  .code,
              0);
  }
  const auto soft = [&](const std::string& name) {
    std::string all;
    for (const std::string& file : listing(folder_ / name / "soft")) {
      all += read_file(folder_ / name / "soft" / file);
    }
    return all;
  };
  EXPECT_TRUE(soft("a") == soft("b"));
  EXPECT_FALSE(soft("a") == soft("c"));
}

TEST_F(Program, ARunIsMadeAgainByItsScriptFromTheSameFramesOnly) {
  const std::string scene = write_tiny_scene(folder_);
  ASSERT_EQ(run(quick({"run", scene, "--output", path("run")})).code, 0);
  fs::rename(scene, path("moved"));
  const auto make_again = [&](const std::string& name) {
    return std::system(fmt::format("PROXSEG={} {}/reproduce.sh {} {} >{} 2>&1", PROXSEG_PROGRAM,
                                   path("run"), path(name), path("moved"), path("said"))
                           .c_str());
  };
  ASSERT_EQ(make_again("again"), 0) << read_file(path("said"));
  EXPECT_EQ(read_file(path("again/model.safetensors")), read_file(path("run/model.safetensors")));
  EXPECT_EQ(read_file(path("again/mask/in000006.png")), read_file(path("run/mask/in000006.png")));
  fs::remove(path("moved/input/in000003.jpg"));
  EXPECT_NE(make_again("other"), 0);
  EXPECT_NE(read_file(path("said")).find("has 11 files"), std::string::npos);
  EXPECT_NE(read_file(path("said")).find("PROXSEG_REPRODUCE_ANYWAY=1"), std::string::npos);
  EXPECT_FALSE(fs::exists(path("other")));
  ::setenv("PROXSEG_REPRODUCE_ANYWAY", "1", 1);
  EXPECT_EQ(make_again("other"), 0) << read_file(path("said"));
  ::unsetenv("PROXSEG_REPRODUCE_ANYWAY");
  EXPECT_NE(read_file(path("said")).find("warning: the result may not be that of"),
            std::string::npos);
  EXPECT_TRUE(fs::exists(path("other/report.html")));
}

TEST_F(Program, ARunIsMadeAgainFromTheSameWeightsWithTheSameThreadsOnly) {
  const std::string scene = write_tiny_scene(folder_);
  const auto shell = [&](const std::string& command) {
    return std::system(fmt::format("{} >{} 2>&1", command, path("said")).c_str());
  };
  const std::string program = PROXSEG_PROGRAM;
  ASSERT_EQ(run(quick({"train", "--input", scene, "--output", path("earlier")})).code, 0);
  // One thread and two give other bits.
  ASSERT_EQ(shell(fmt::format("OMP_NUM_THREADS=1 {} train --input {} --output {} --init {} --set "
                              "train.steps=8 --set train.batch=4",
                              program, scene, path("run"), path("earlier"))),
            0)
      << read_file(path("said"));
  ASSERT_EQ(shell(fmt::format("OMP_NUM_THREADS=2 PROXSEG={} {}/reproduce.sh {}", program,
                              path("run"), path("again"))),
            0)
      << read_file(path("said"));
  EXPECT_EQ(read_file(path("again/model.safetensors")), read_file(path("run/model.safetensors")));
  ASSERT_EQ(run({"train", "--resume", path("earlier"), "--set", "train.steps=4"}).code, 0);
  EXPECT_NE(
      shell(fmt::format("PROXSEG={} {}/reproduce.sh {}", program, path("run"), path("other"))), 0);
  EXPECT_NE(read_file(path("said")).find("initial weights: train.init = " + path("earlier")),
            std::string::npos)
      << read_file(path("said"));
  EXPECT_FALSE(fs::exists(path("other")));
}

TEST_F(Program, ATrainingTakesTheShapeOfTheNetworkThatItStartsFrom) {
  const std::string scene = write_tiny_scene(folder_);
  ASSERT_EQ(run(quick({"train", "--input", scene, "--output", path("earlier")})).code, 0);
  const Outcome outcome = run({"train", "--input", scene, "--output", path("run"), "--init",
                               path("earlier"), "--set", "train.steps=1"});
  EXPECT_EQ(outcome.code, 0) << outcome.err;
  EXPECT_NE(outcome.err.find("which it starts from: model.channels = 4"), std::string::npos)
      << outcome.err;
  expect_failure(ExitCode::kModel, {"does not fit the network", "model.channels is 4 there"},
                 {"train", "--input", scene, "--output", path("other"), "--init", path("earlier"),
                  "--set", "model.channels=8"});
}

TEST_F(Program, WhatItSuggestsNextWorksWhenPasted) {
  const std::string scene = path("it's a scene"), run_folder = path("a run's folder");
  fs::rename(write_tiny_scene(folder_), scene);
  const auto paste = [&](const std::string& output) {
    std::istringstream lines(output.substr(output.find("next:") + 5));
    int pasted = 0;
    for (std::string line; std::getline(lines, line); ++pasted) {
      const size_t name = line.find("proxseg ");
      EXPECT_NE(name, std::string::npos) << line;
      line.replace(name, 7, PROXSEG_PROGRAM);
      EXPECT_EQ(std::system((line + " >/dev/null 2>&1").c_str()), 0) << line;
    }
    return pasted;
  };
  const Outcome trained = run(quick({"train", "--input", scene, "--output", run_folder}));
  ASSERT_EQ(trained.code, 0) << trained.err;
  EXPECT_EQ(paste(trained.out), 2);
  const Outcome until =
      run(quick({"train", "--input", scene, "--output", run_folder, "--force"}, {"--until", "1"}));
  ASSERT_EQ(until.code, 0) << until.err;
  EXPECT_EQ(paste(until.out), 1);
  const Outcome made = run({"run", "--resume", run_folder});
  ASSERT_EQ(made.code, 0) << made.err;
  EXPECT_EQ(paste(made.out), 1);
}

TEST_F(Program, HelpIsACommand) {
  const Outcome outcome = run({"help", "train"});
  EXPECT_EQ(outcome.code, 0) << outcome.err;
  EXPECT_EQ(outcome.out, run({"train", "--help"}).out);
  EXPECT_EQ(run({"help"}).out, run({"--help"}).out);
}

// As from a folder of a build, which is not in PATH.
TEST_F(Program, CommandsInMessagesCallTheProgramAsItWasCalled) {
  fs::create_symlink(PROXSEG_PROGRAM, folder_ / "it s");
  const std::string said = (folder_ / "said").string();
  EXPECT_NE(
      std::system(fmt::format("cd '{}' && './it s' run 2> {}", folder_.string(), said).c_str()), 0);
  const std::string text = read_file(said);
  EXPECT_NE(text.find("proxseg: error: "), std::string::npos) << text;
  EXPECT_NE(text.find("See './it s' run --help.\n"), std::string::npos) << text;
}

TEST_F(Program, AWrongCommandLineIsAnsweredInItsOwnForm) {
  const auto expect_message = [&](const Arguments& words, const std::string& message) {
    const Outcome outcome = run(words);
    EXPECT_EQ(outcome.code, static_cast<int>(ExitCode::kUsage));
    EXPECT_EQ(outcome.err.substr(0, outcome.err.find('\n')), "proxseg: error: " + message);
    EXPECT_NE(outcome.err.find("--help.\n"), std::string::npos) << outcome.err;
    EXPECT_EQ(outcome.out, "");
  };
  expect_message({}, "no command is given");
  expect_message({"trian"}, "no command 'trian'; did you mean train?");
  expect_message({"config", "shwo"}, "no command 'shwo'; did you mean show?");
  expect_message({"run", "--outptu", "x"}, "no option '--outptu'; did you mean --output?");
  expect_message({"sweep", "staus", "x"}, "no command 'staus'; did you mean status?");
  expect_message({"-v", "run", "a"}, "-v stands before the command that it is for");
  expect_message({"run", "a"}, "--output is missing");
  expect_message({"train", "--output", "a"}, "--input is missing");
  expect_message({"sweep", "a.json"}, "--output is missing");
  expect_message({"run"}, "run needs INPUT and --output, or --resume");
  expect_message({"run", "a", "b"}, "'b' is not expected here");
  expect_message({"train", "/dev", "--output", "x"},
                 "'/dev' is not expected here; did you mean --input /dev?");
  expect_message({"infer", "--modle", "m", "--input", "a", "--output", "x"},
                 "no option '--modle'; did you mean --model?");
  expect_message({"infer", "--model", "m", "--output", "x"}, "--input is missing");
  expect_message({"run", "a", "--output"}, "--output needs a value");
  expect_message({"synth", "--output", "x", "--frames", "many"}, "--frames: not a number: many");
  expect_message({"bench", "--threads", "9999"},
                 "--threads: expected a number in [0, 1024], found 9999");
  expect_message({"export", "m", "--output", "x", "--format", "pkl"},
                 "--format: 'pkl' is none of onnx|torchscript|safetensors|state-dict");
  expect_message({"train", "--resume", "a", "--force"},
                 "--resume cannot be given together with --force");
  expect_message({"eval", "--masks", "a", "--ground-truth", "b", "--curve", "c"},
                 "--curve needs --soft");
  for (const Arguments& words : {Arguments{}, {"trian"}}) {
    const std::string said = run(words).err;
    for (const char* command : {"  run ", "  train ", "  sweep ", "  manual "}) {
      EXPECT_NE(said.find(command), std::string::npos) << said;
    }
  }
}

TEST_F(Program, OptionsThatAResumedRunCannotTakeAreRefused) {
  for (const Arguments& other : {Arguments{"--output", "x"}, {"--config", "fast"}, {"--force"}}) {
    Arguments words = {"train", "--resume", path("run")};
    words.insert(words.end(), other.begin(), other.end());
    expect_failure(ExitCode::kUsage, {other[0], "--resume"}, words);
  }
}

TEST_F(Program, BadInputIsNamedAndLeavesNothing) {
  const std::string out = path("run");
  fs::create_directories(folder_ / "empty");
  expect_failure(ExitCode::kInput, {path("empty"), "no image"},
                 quick({"run", path("empty"), "--output", out}));
  expect_failure(ExitCode::kInput, {path("missing")},
                 quick({"run", path("missing"), "--output", out}));
  write_frames(folder_ / "unequal", 3, {64, 48}, ".png");
  save(folder_ / "unequal/f2.png", noise_image(1, {64, 40}));
  expect_failure(ExitCode::kInput, {"f2.png", "64 x 40", "64 x 48"},
                 quick({"run", path("unequal"), "--output", out}));
  write_frames(folder_ / "broken", 6, {64, 48}, ".jpg");
  truncate(folder_ / "broken/f4.jpg", 0.5);
  expect_failure(ExitCode::kInput, {"f4.jpg", "truncated", "input.on_error=skip"},
                 quick({"run", path("broken"), "--output", out}));
  EXPECT_FALSE(fs::exists(out));
  const Outcome skipped =
      run(quick({"run", path("broken"), "--output", out}, {"--set", "input.on_error=skip"}));
  EXPECT_EQ(skipped.code, 0) << skipped.err;
  EXPECT_EQ(listing(folder_ / "run/mask").size(), 5U);
}

TEST_F(Program, BadRecipesModelsAndCommandLinesHaveTheirCodes) {
  const std::string scene = write_tiny_scene(folder_);
  expect_failure(ExitCode::kUsage, {"--model"}, {"infer"});
  expect_failure(ExitCode::kUsage, {"--output"}, {"train", "--input", scene});
  expect_failure(ExitCode::kConfig, {"train.stps", "did you mean train.steps"},
                 {"train", "--input", scene, "--output", path("run"), "--set", "train.stps=3"});
  save_text(folder_ / "bad.json", "{\n  \"modl\": 1\n}");
  expect_failure(
      ExitCode::kConfig, {"bad.json:2", "modl", "did you mean model"},
      {"train", "--input", scene, "--output", path("run"), "--config", path("bad.json")});
  expect_failure(ExitCode::kConfig, {path("none"), "holds no run"},
                 {"train", "--resume", path("none")});
  expect_failure(ExitCode::kModel, {path("none")},
                 {"infer", "--model", path("none"), "--input", scene, "--output", path("out")});
  EXPECT_FALSE(fs::exists(folder_ / "run"));
  EXPECT_FALSE(fs::exists(folder_ / "out"));
}

TEST_F(Program, SaysWhatMayHaveBeenMeant) {
  const std::string scene = write_tiny_scene(folder_);
  const auto infer = [&](const std::string& model, const std::string& input) {
    return Arguments{"infer", "--model", model, "--input", input, "--output", path("out")};
  };
  expect_failure(ExitCode::kModel, {"did you mean generic?"}, infer("genric", scene));
  save_text(folder_ / "sweep/ledger.sqlite", "");
  expect_failure(ExitCode::kModel, {"holds a sweep", "proxseg sweep best " + path("sweep")},
                 infer(path("sweep"), scene));
  Arguments masks = infer("generic", scene);
  masks.insert(masks.end(), {"--save", "masks"});
  expect_failure(ExitCode::kUsage, {"did you mean mask?"}, masks);
  save_text(folder_ / "sweep.json", R"({"inputs": ["x"], "bugdet": "1h"})");
  expect_failure(ExitCode::kConfig, {"did you mean budget?", "docs/sweeps.md"},
                 {"sweep", path("sweep.json"), "--output", path("out")});
}

TEST_F(Program, AMissingInputIsToldBeforeWhatTheOutputHolds) {
  const std::string scene = write_tiny_scene(folder_);
  ASSERT_EQ(run(quick({"run", scene, "--output", path("run")})).code, 0);
  expect_failure(ExitCode::kInput, {"cannot read", path("nowhere")},
                 quick({"run", path("nowhere"), "--output", path("run")}));
}

TEST_F(Program, AFinishedTrainingThatIsResumedCostsNothing) {
  const std::string scene = write_tiny_scene(folder_);
  const Outcome until =
      run(quick({"train", "--input", scene, "--output", path("run")}, {"--until", "1"}));
  EXPECT_NE(until.out.find("stopped:    after step 1"), std::string::npos) << until.out;
  ASSERT_EQ(run({"train", "--resume", path("run")}).code, 0);
  fs::remove_all(scene);
  const Outcome again = run({"train", "--resume", path("run")});
  EXPECT_EQ(again.code, 0) << again.err;
  EXPECT_NE(again.out.find("all steps were done before"), std::string::npos) << again.out;
  const Outcome summary = run({"train", "--resume", path("run"), "--json"});
  EXPECT_EQ(nlohmann::json::parse(summary.out).at("steps"), 2);
}

TEST_F(Program, AResumedTrainingTakesNoStepBeyondUntil) {
  const std::string scene = write_tiny_scene(folder_);
  Arguments train = quick({"train", "--input", scene, "--output", path("run"), "--until", "3"});
  train.insert(train.end(), {"--set", "train.steps=5"});
  ASSERT_EQ(run(train).code, 0);
  const std::string metrics = read_file(path("run/metrics.csv"));
  for (const char* until : {"2", "3"}) {
    const Outcome resumed = run({"train", "--resume", path("run"), "--until", until});
    EXPECT_EQ(resumed.code, 0) << resumed.err;
    EXPECT_NE(resumed.out.find("stopped:    after step 3"), std::string::npos) << resumed.out;
  }
  EXPECT_EQ(read_file(path("run/metrics.csv")), metrics);
}

TEST_F(Program, ResultsAreNamedAfterWhatWasSaved) {
  const std::string scene = write_tiny_scene(folder_);
  const auto saved = [&](const std::string& list) {
    return run({"baseline", "median", "--input", scene, "--output", path(list), "--save", list})
        .out;
  };
  EXPECT_NE(
      saved("boxes,soft").find("written:    " + path("boxes,soft") + ": soft, boxes; 12 frames"),
      std::string::npos);
  EXPECT_NE(saved("mask,overlay").find("; also overlay\n"), std::string::npos);
  EXPECT_EQ(saved("mask").find("also"), std::string::npos);
}

TEST_F(Program, RefusesToOverwriteUnlessForced) {
  const std::string scene = write_tiny_scene(folder_);
  const Arguments train = quick({"train", "--input", scene, "--output", path("run")});
  ASSERT_EQ(run(train).code, 0);
  expect_failure(ExitCode::kOutput, {path("run"), "--force"}, train);
  Arguments forced = train;
  forced.push_back("--force");
  EXPECT_EQ(run(forced).code, 0);
}

TEST_F(Program, OutputThatCannotBeWrittenIsNamed) {
  const std::string scene = write_tiny_scene(folder_);
  save_text(folder_ / "file", "");
  expect_failure(ExitCode::kOutput, {path("file")},
                 quick({"run", scene, "--output", path("file/run")}));
}

class Interrupted : public Program, public testing::WithParamInterface<int> {};

INSTANTIATE_TEST_SUITE_P(Signals, Interrupted,
                         testing::Values(SIGINT, SIGTERM, SIGHUP, SIGXCPU, SIGUSR1));

TEST_P(Interrupted, SavesAndSaysHowToGoOn) {
  const std::string scene = write_tiny_scene(folder_);
  const pid_t process =
      start({"train", "--input", scene, "--output", path("run"), "--set", "train.steps=100000",
             "--set", "model.channels=4", "--set", "train.batch=4"});
  const auto steps = [&] {
    if (!fs::exists(folder_ / "run/metrics.csv")) return std::ptrdiff_t{0};
    const std::string rows = read_file(folder_ / "run/metrics.csv");
    return std::count(rows.begin(), rows.end(), '\n') - 1;
  };
  const auto deadline = std::chrono::steady_clock::now() + std::chrono::minutes(2);
  while (steps() < 3 && std::chrono::steady_clock::now() < deadline) std::this_thread::yield();
  ::kill(process, GetParam());
  const Outcome outcome = finish(process);
  EXPECT_EQ(outcome.code, static_cast<int>(ExitCode::kInterrupted));
  EXPECT_NE(outcome.err.find("proxseg train --resume " + path("run")), std::string::npos)
      << outcome.err;
  const auto done = steps();
  ASSERT_GE(done, 3);
  const Outcome resumed = run({"train", "--resume", path("run"), "--set",
                               "train.steps=" + std::to_string(done + 2), "--json"});
  ASSERT_EQ(resumed.code, 0) << resumed.err;
  EXPECT_EQ(nlohmann::json::parse(resumed.out).at("steps"), done + 2);
  EXPECT_EQ(steps(), done + 2);
}

// It has nothing to save.
TEST_P(Interrupted, EndsSynthAtOnce) {
  const pid_t process = start({"synth", "--output", path("long"), "--frames", "999999"});
  const auto deadline = std::chrono::steady_clock::now() + std::chrono::minutes(2);
  while (!fs::exists(folder_ / "long/input") && std::chrono::steady_clock::now() < deadline) {
    std::this_thread::yield();
  }
  ::kill(process, GetParam());
  EXPECT_EQ(finish(process).code, static_cast<int>(ExitCode::kInterrupted));
}

TEST_F(Program, TextsReplaceNoImageVideoOrNetwork) {
  const std::string scene = write_tiny_scene(folder_);
  ASSERT_EQ(run(quick({"run", scene, "--output", path("run")})).code, 0);
  const std::string model = path("run/model.safetensors"), video = path("run/overlay.mp4");
  const std::string weights = read_file(model), pictures = read_file(video);
  expect_failure(ExitCode::kUsage, {model, "network"}, {"report", path("run"), "--output", model});
  expect_failure(ExitCode::kUsage, {video, "video"}, {"report", path("run"), "--output", video});
  expect_failure(ExitCode::kUsage, {path("run/config.json"), "no name of a network"},
                 {"export", path("run"), "--format", "onnx", "--output", path("run/config.json")});
  EXPECT_EQ(read_file(model), weights);
  EXPECT_EQ(read_file(video), pictures);
}

TEST_F(Program, EvalMeasuresTheMasksOfARun) {
  const std::string scene = write_tiny_scene(folder_);
  ASSERT_EQ(run(quick({"run", scene, "--output", path("run")})).code, 0);
  const Outcome eval = run({"eval", "--masks", path("run"), "--ground-truth", scene, "--cm",
                            "--csv", path("results.csv"), "--json"});
  ASSERT_EQ(eval.code, 0) << eval.err;
  std::istringstream cm(read_file(folder_ / "run/cm.txt"));
  double tp = 0, fp = 0, fn = 0, tn = 0, shadow_fp = 0;
  ASSERT_TRUE(cm >> tp >> fp >> fn >> tn >> shadow_fp);
  EXPECT_GT(tp + fn, 0);
  EXPECT_LE(tp + fp + fn + tn, 12 * 48 * 36);
  const double f = nlohmann::json::parse(eval.out).at("overall").at("F");
  EXPECT_NEAR(f, 2 * tp / (2 * tp + fp + fn), 1e-9);
  const std::string table = read_file(folder_ / "results.csv");
  EXPECT_EQ(table.rfind("level,name,frames,Re,Sp,FPR,FNR,PWC,Pr,F,FPR-S\nsequence,scene,12,", 0),
            0U)
      << table;
  EXPECT_NE(table.find(fmt::format(",{},", f)), std::string::npos) << table;
}

TEST_F(Program, ReportsARunAndATreeOfRuns) {
  const std::string scene = write_tiny_scene(folder_);
  for (const char* name : {"runs/a", "runs/b"}) {
    ASSERT_EQ(run(quick({"run", scene, "--output", path(name)})).code, 0);
  }
  const std::string page = read_file(folder_ / "runs/a/report.html");
  EXPECT_NE(page.find("F-measure"), std::string::npos);
  EXPECT_NE(page.find("in000006"), std::string::npos);
  const Outcome tree = run({"report", path("runs"), "--output", path("tree.html")});
  EXPECT_EQ(tree.out, "report:     " + path("tree.html") + "\n");
  EXPECT_NE(read_file(folder_ / "tree.html").find("href=\"./runs/b/report.html\""),
            std::string::npos);
  expect_failure(ExitCode::kInput, {scene, "holds no run"}, {"report", scene});
  expect_failure(ExitCode::kInput, {path("none"), "holds no run"}, {"report", path("none")});
  expect_failure(ExitCode::kUsage, {"--masks"}, {"report", path("runs"), "--masks", scene});
  expect_failure(ExitCode::kInput, {scene, "mask"}, {"report", path("runs/a"), "--masks", scene});
  write_file_atomically(folder_ / "runs/a/config.json", "{");
  ASSERT_EQ(run({"report", path("runs"), "--output", path("tree.html")}).code, 0);
  EXPECT_NE(read_file(folder_ / "tree.html").find("1 run, and 1 that could not be read"),
            std::string::npos);
  write_file_atomically(folder_ / "runs/b/config.json", "{");
  expect_failure(ExitCode::kInput, {"no run in", "can be shown"}, {"report", path("runs")});
}

// The runs left no masks: their pages measure them.
TEST_F(Program, AComparisonShowsTheFMeasureOfTheRunsOwnPages) {
  const std::string scene = write_tiny_scene(folder_);
  const auto text_after = [](const std::string& page, const std::string& before) {
    const size_t begin = page.find(before) + before.size();
    return page.substr(begin, page.find('"', begin) - begin);
  };
  std::vector<std::string> measured;
  for (const auto& [name, input] : {std::pair("a", scene), std::pair("b", scene + "/.")}) {
    ASSERT_EQ(run(quick({"train", "--input", input, "--output", path(name)})).code, 0);
    ASSERT_EQ(run({"report", path(name)}).code, 0);
    measured.push_back(
        text_after(read_file(folder_ / name / "report.html"), "<dt>F-measure</dt><dd title=\""));
    ASSERT_EQ(measured.back().substr(0, 2), "0.");
  }
  ASSERT_EQ(run({"report", path("a"), path("b")}).code, 0);
  const std::string page = read_file(folder_ / "comparison.html");
  EXPECT_EQ(text_after(page, ">a</a></td><td class=\"number\" title=\""), measured[0]);
  EXPECT_EQ(text_after(page, ">b</a></td><td class=\"number\" title=\""), measured[1]);
  EXPECT_NE(page.find("The same frames"), std::string::npos);
  for (const char* chart : {"Loss and its terms", "Learned rank", "Share of pixels in the mask"}) {
    EXPECT_NE(page.find(chart), std::string::npos) << chart;
  }
  expect_failure(ExitCode::kUsage, {path("a"), "is given twice"},
                 {"report", path("a"), path("b"), path("a/")});
}

TEST_F(Program, ReportDoesWithoutFramesThatAreGone) {
  const std::string scene = write_tiny_scene(folder_);
  ASSERT_EQ(run(quick({"train", "--input", scene, "--output", path("run")})).code, 0);
  fs::remove_all(scene);
  const Outcome report = run({"report", path("run")});
  EXPECT_EQ(report.code, 0) << report.err;
  EXPECT_NE(report.err.find("scene is not shown"), std::string::npos) << report.err;
  EXPECT_NE(read_file(folder_ / "run/report.html").find("Loss and its terms"), std::string::npos);
}

TEST_F(Program, EveryCommandExplainsItselfWithExamples) {
  for (const char* command :
       {"run", "train", "infer", "export", "eval", "baseline", "compare", "report", "sweep",
        "bench", "synth", "inspect", "screen", "doctor", "config", "completion", "manual"}) {
    const Outcome help = run({command, "--help"});
    EXPECT_EQ(help.code, 0) << command;
    EXPECT_NE(help.out.find("Examples:"), std::string::npos) << command;
    EXPECT_NE(help.out.find(std::string("  proxseg ") + command), std::string::npos) << command;
  }
}

TEST_F(Program, InspectEndsAsRunWould) {
  save_text(folder_ / "frames/1.png", "no image");
  save(folder_ / "frames/2.png", gray_image(1));
  const Outcome outcome = run({"inspect", path("frames"), "--json"});
  EXPECT_EQ(outcome.code, static_cast<int>(ExitCode::kInput));
  EXPECT_EQ(nlohmann::json::parse(outcome.out).at("accepted"), false);
  EXPECT_NE(outcome.err.find("would be refused at 1.png"), std::string::npos) << outcome.err;
}

TEST_F(Program, InspectOfATreeGoesOnBehindWhatCannotBeOpened) {
  save_text(folder_ / "tree/a.mp4", "no video");
  save(folder_ / "tree/b/1.png", gray_image(1));
  const Outcome printed = run({"inspect", path("tree"), "--json"});
  EXPECT_EQ(printed.code, static_cast<int>(ExitCode::kInput));
  const auto reports = nlohmann::json::parse(printed.out);
  ASSERT_EQ(reports.size(), 2U);
  EXPECT_EQ(reports[0].at("path"), path("tree/a.mp4"));
  EXPECT_EQ(reports[0].at("accepted"), false);
  EXPECT_EQ(reports[0].at("problems").size(), 1U);
  EXPECT_EQ(reports[1].at("accepted"), true);
  const Outcome text = run({"inspect", path("tree")});
  EXPECT_EQ(text.code, static_cast<int>(ExitCode::kInput));
  EXPECT_NE(text.out.find("1, all readable"), std::string::npos) << text.out;
  EXPECT_NE(text.err.find("a.mp4"), std::string::npos) << text.err;
}

TEST_F(Program, ReportsAreJsonWhenAsked) {
  const std::string scene = write_tiny_scene(folder_);
  EXPECT_TRUE(nlohmann::json::parse(run({"doctor", "--json"}).out).contains("BLAS"));
  const auto seen = nlohmann::json::parse(run({"inspect", scene, "--json", "--estimate"}).out);
  EXPECT_EQ(seen.at("frames"), 12);
  EXPECT_GT(seen.at("training").at("seconds"), 0.5);
  EXPECT_GT(seen.at("training").at("bytes"), 50e6);
  const Outcome rpca = run({"baseline", "rpca", "--input", scene, "--output", path("rpca"),
                            "--json", "--set", "train.batch=8"});
  EXPECT_EQ(nlohmann::json::parse(rpca.out).at(0).at("segmented"), 12);
  const Outcome toy = run({"synth", "--output", path("toy"), "--frames", "3", "--json"});
  EXPECT_EQ(nlohmann::json::parse(toy.out).at("frames"), 3);
  ASSERT_EQ(run(quick({"train", "--input", scene, "--output", path("run")})).code, 0);
  const Outcome report = run({"report", path("run"), "--threads", "1", "--json"});
  EXPECT_EQ(nlohmann::json::parse(report.out).at("report"), path("run/report.html"));
}

TEST_F(Program, BenchMeasuresWholeProcessesBesideTheFloor) {
  const Outcome outcome = run({"bench", "--whole", "--size", "64x48", "--frames", "5", "--repeat",
                               "2", "--config", "default", "--baseline", "median", "--json"});
  ASSERT_EQ(outcome.code, 0) << outcome.err;
  const auto times = nlohmann::json::parse(outcome.out);
  ASSERT_EQ(times.size(), 6U) << outcome.out;
  for (const auto& time : times) {
    EXPECT_EQ(time["frames"], 5) << time;
    EXPECT_EQ(time["size"], "64x48") << time;
    EXPECT_GT(time["cpu_seconds"], 0.0) << time;
    EXPECT_EQ(time["over_floor"] == 1.0, time["method"] == "floor") << time;
  }
  EXPECT_EQ(times[1]["method"], "default");
  EXPECT_EQ(times[2]["method"], "median");
  EXPECT_EQ(times[2]["input"], "JPEG");
  EXPECT_EQ(times[5]["input"], "H.264");
}

TEST_F(Program, BenchMeasuresWholeProcessesOnAnInput) {
  write_frames(folder_ / "frames", 3, {64, 48}, ".png");
  const Outcome outcome = run({"bench", "--whole", "--input", path("frames"), "--repeat", "1",
                               "--config", "default", "--baseline", "median"});
  ASSERT_EQ(outcome.code, 0) << outcome.err;
  EXPECT_NE(outcome.out.find(path("frames") + "  64x48  floor"), std::string::npos) << outcome.out;
  expect_failure(ExitCode::kUsage, {"--input", "--whole"}, {"bench", "--input", path("frames")});
  expect_failure(ExitCode::kInput, {path("nosuch")},
                 {"bench", "--whole", "--input", path("nosuch")});
  expect_failure(ExitCode::kUsage, {"'nosuch'"}, {"bench", "--whole", "--baseline", "nosuch"});
}

}  // namespace
}  // namespace proxseg
