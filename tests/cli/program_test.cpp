// The program as a user runs it: exit codes, messages, and what is on disk afterwards.
#include <fcntl.h>
#include <fmt/format.h>
#include <gtest/gtest.h>
#include <signal.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <nlohmann/json.hpp>
#include <opencv2/imgproc.hpp>
#include <thread>

#include "proxseg/core/error.h"
#include "support/scene_files.h"
#include "support/sequence_files.h"

extern char** environ;

namespace proxseg {
namespace {

namespace fs = std::filesystem;
using Arguments = std::vector<std::string>;

struct Outcome {
  int code = -1;
  std::string out;
  std::string err;
};

class Program : public testing::Test {
 protected:
  // Starts the program with its streams in files of the test's folder.
  pid_t start(const Arguments& arguments) const {
    Arguments words = arguments;
    words.insert(words.begin(), PROXSEG_PROGRAM);
    std::vector<char*> argv;
    for (std::string& word : words) argv.push_back(word.data());
    argv.push_back(nullptr);
    const std::string out = folder_ / "stdout", err = folder_ / "stderr";
    posix_spawn_file_actions_t actions;
    posix_spawn_file_actions_init(&actions);
    constexpr int kFlags = O_WRONLY | O_CREAT | O_TRUNC;
    posix_spawn_file_actions_addopen(&actions, STDOUT_FILENO, out.c_str(), kFlags, 0600);
    posix_spawn_file_actions_addopen(&actions, STDERR_FILENO, err.c_str(), kFlags, 0600);
    pid_t process = -1;
    const int failed = ::posix_spawn(&process, argv[0], &actions, nullptr, argv.data(), environ);
    posix_spawn_file_actions_destroy(&actions);
    EXPECT_EQ(failed, 0);
    return process;
  }

  Outcome finish(pid_t process) const {
    int status = 0;
    ::waitpid(process, &status, 0);
    EXPECT_TRUE(WIFEXITED(status)) << "killed by signal " << WTERMSIG(status);
    return {WEXITSTATUS(status), read_file(folder_ / "stdout"), read_file(folder_ / "stderr")};
  }

  Outcome run(const Arguments& arguments) const { return finish(start(arguments)); }

  // Runs it, and expects that exit code and every fragment on stderr.
  void expect_failure(ExitCode code, const Arguments& fragments, const Arguments& arguments) const {
    const Outcome outcome = run(arguments);
    EXPECT_EQ(outcome.code, static_cast<int>(code)) << outcome.err;
    for (const std::string& fragment : fragments) {
      EXPECT_NE(outcome.err.find(fragment), std::string::npos)
          << "'" << fragment << "' is not in:\n"
          << outcome.err;
    }
    EXPECT_EQ(outcome.err.find("frame #"), std::string::npos) << "a stack trace:\n" << outcome.err;
  }

  // `command` with a recipe that is over in a moment.
  static Arguments quick(const Arguments& command, const Arguments& more = {}) {
    Arguments words = command;
    for (const char* setting : {"train.steps=2", "train.batch=4", "model.channels=4"}) {
      words.insert(words.end(), {"--set", setting});
    }
    words.insert(words.end(), more.begin(), more.end());
    return words;
  }

  std::string path(const std::string& name) const { return (folder_ / name).string(); }

  void write_frames(const std::string& name, int count, cv::Size size,
                    const char* extension) const {
    for (int i = 1; i <= count; ++i)
      save(folder_ / name / fmt::format("f{}{}", i, extension), noise_image(i, size));
  }

  // No file that is not whole: nothing hidden, and every image can be read.
  static void expect_only_whole_files(const fs::path& root) {
    for (const auto& entry : fs::recursive_directory_iterator(root)) {
      if (!entry.is_regular_file()) continue;
      EXPECT_NE(entry.path().filename().string()[0], '.') << entry.path();
      if (entry.path().extension() == ".png") {
        EXPECT_FALSE(cv::imread(entry.path().string()).empty()) << entry.path();
      }
    }
  }

  TemporaryFolder folder_;
};

TEST_F(Program, RunTakesFoldersOfAnySizeAndLength) {
  write_frames("png", 5, {161, 119}, ".png");
  write_frames("jpeg", 3, {33, 47}, ".jpg");
  write_frames("one", 1, {64, 48}, ".png");
  write_frames("two", 2, {64, 48}, ".png");
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
    return read_file(folder_ / name / "soft/in000006.png");
  };
  EXPECT_EQ(soft("a"), soft("b"));
  EXPECT_NE(soft("a"), soft("c"));
}

TEST_F(Program, BadInputIsNamedAndLeavesNothing) {
  const std::string out = path("run");
  fs::create_directories(folder_ / "empty");
  expect_failure(ExitCode::kInput, {path("empty"), "no image"},
                 quick({"run", path("empty"), "--output", out}));
  expect_failure(ExitCode::kInput, {path("missing")},
                 quick({"run", path("missing"), "--output", out}));
  write_frames("unequal", 3, {64, 48}, ".png");
  save(folder_ / "unequal/f2.png", noise_image(1, {64, 40}));
  expect_failure(ExitCode::kInput, {"f2.png", "64 x 40", "64 x 48"},
                 quick({"run", path("unequal"), "--output", out}));
  write_frames("broken", 6, {64, 48}, ".jpg");
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

TEST_F(Program, InterruptSavesAndSaysHowToGoOn) {
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
  ::kill(process, SIGINT);
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

TEST_F(Program, EveryCommandExplainsItselfWithExamples) {
  for (const char* command : {"run", "train", "infer", "synth", "inspect", "doctor", "config"}) {
    const Outcome help = run({command, "--help"});
    EXPECT_EQ(help.code, 0) << command;
    EXPECT_NE(help.out.find("Examples:"), std::string::npos) << command;
    EXPECT_NE(help.out.find(std::string("  proxseg ") + command), std::string::npos) << command;
  }
}

TEST_F(Program, ReportsAreJsonWhenAsked) {
  const std::string scene = write_tiny_scene(folder_);
  EXPECT_TRUE(nlohmann::json::parse(run({"doctor", "--json"}).out).contains("BLAS"));
  EXPECT_EQ(nlohmann::json::parse(run({"inspect", scene, "--json"}).out).at("frames"), 12);
  const Outcome rpca =
      run({"baseline", "rpca", "--input", scene, "--json", "--set", "train.batch=8"});
  const auto report = nlohmann::json::parse(rpca.out);
  EXPECT_LE(report.at("lower_bound").get<double>(), report.at("objective").get<double>());
  EXPECT_EQ(report.at("frames"), 8);
}

}  // namespace
}  // namespace proxseg
