// The program in an unkind world: names of any bytes, streams that are closed or full, signals and
// limits of memory.
#include <fmt/format.h>
#include <gtest/gtest.h>

#include <cstdlib>
#include <nlohmann/json.hpp>
#include <sstream>
#include <utility>

#include "proxseg/core/error.h"
#include "proxseg/core/process.h"
#include "proxseg/core/text.h"
#include "support/program.h"
#include "support/scene_files.h"
#include "support/sequence_files.h"

namespace proxseg {
namespace {

namespace fs = std::filesystem;
using nlohmann::json;

class Hostile : public Program {
 protected:
  // Runs the program by a shell, which opens its streams as told. The exit code, 128 and more after
  // a signal.
  int run_by_shell(const Arguments& arguments, const std::string& streams) const {
    Arguments words = arguments;
    words.insert(words.begin(), PROXSEG_PROGRAM);
    const std::string command = fmt::format("{} {}", shell_line(words), streams);
    const int status = std::system(command.c_str());
    return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
  }

  std::string errors() const { return read_file(folder_ / "errors"); }
};

const std::string kLongName(251, 'n');
const std::vector<std::string> kHostileNames = {
    "-dash", "12:30", "a,1", "caf\xe9", "line\nbreak", "say \"b\"", "$(x) 'y' {0} %s", kLongName};

// A folder of frames with such names.
std::string write_hostile_frames(const TemporaryFolder& folder) {
  const fs::path scene = write_tiny_scene(folder, static_cast<int64_t>(kHostileNames.size()));
  const fs::path frames = folder / "in, \"put\"\n caf\xe9:-";
  fs::create_directories(frames);
  for (size_t i = 0; i < kHostileNames.size(); ++i) {
    const cv::Mat image = cv::imread((scene / fmt::format("input/in{:06d}.jpg", i + 1)).string());
    save(frames / "frame.png", image);
    fs::rename(frames / "frame.png", frames / (kHostileNames[i] + ".png"));
  }
  return frames.string();
}

// Cells of CSV as RFC 4180 reads them.
std::vector<std::vector<std::string>> csv_rows(const std::string& text) {
  std::vector<std::vector<std::string>> rows(1, {""});
  bool quoted = false;
  for (size_t i = 0; i < text.size(); ++i) {
    if (text[i] == '"' && quoted && i + 1 < text.size() && text[i + 1] == '"') {
      rows.back().back() += text[++i];
    } else if (text[i] == '"') {
      quoted = !quoted;
    } else if (text[i] == ',' && !quoted) {
      rows.back().emplace_back();
    } else if (text[i] == '\n' && !quoted) {
      rows.push_back({""});
    } else {
      rows.back().back() += text[i];
    }
  }
  rows.pop_back();
  return rows;
}

void expect_whole_lists(const fs::path& folder) {
  const std::set<std::string> names(kHostileNames.begin(), kHostileNames.end());
  for (const auto& [list, columns] : {std::pair("boxes.csv", 11U), std::pair("tracks.csv", 15U)}) {
    for (const auto& row : csv_rows(read_file(folder / list))) {
      EXPECT_EQ(row.size(), columns) << row.front();
      EXPECT_TRUE(row.front() == "frame" || names.contains(row.front())) << row.front();
    }
  }
  for (const char* list : {"coco.json", "contours.json"}) {
    const auto images = json::parse(read_file(folder / list)).at("images");
    EXPECT_EQ(images.size(), kHostileNames.size()) << list;
  }
}

void expect_masks(const fs::path& folder) {
  for (const std::string& name : kHostileNames) {
    EXPECT_FALSE(cv::imread((folder / (name + ".png")).string()).empty()) << name;
  }
}

TEST_F(Hostile, NamesOfAnyBytesComeThroughEveryProduct) {
  const std::string frames = write_hostile_frames(folder_);
  const std::string run_folder = path("run, \"x\"\n caf\xe9:-'");
  const Outcome trained = run(quick({"run", frames, "--output", run_folder}));
  ASSERT_EQ(trained.code, 0) << trained.err;
  EXPECT_NE(trained.out.find(shell_word(run_folder)), std::string::npos) << trained.out;
  expect_masks(fs::path(run_folder) / "mask");
  for (const char* file : {"summary.json", "config.json", "provenance.json", "environment.json"}) {
    EXPECT_TRUE(json::parse(read_file(fs::path(run_folder) / file)).is_object()) << file;
  }
  EXPECT_TRUE(is_utf8(read_file(fs::path(run_folder) / "report.html")));

  const std::string lists = "mask,soft,overlay,boxes,coco,contours,tracks";
  const Outcome inferred = run({"infer", "--model", run_folder, "--input", frames, "--output",
                                path("masks"), "--save", lists, "--json"});
  ASSERT_EQ(inferred.code, 0) << inferred.err;
  EXPECT_EQ(json::parse(inferred.out).at(0).at("segmented"), kHostileNames.size());
  expect_masks(folder_ / "masks/mask");
  expect_masks(folder_ / "masks/soft");
  EXPECT_TRUE(fs::exists(folder_ / "masks/overlay.mp4"));
  expect_whole_lists(folder_ / "masks");

  const Outcome median = run({"baseline", "median", "--input", frames, "--output", path("median"),
                              "--save", lists, "--json"});
  ASSERT_EQ(median.code, 0) << median.err;
  expect_masks(folder_ / "median/mask");
  expect_whole_lists(folder_ / "median");
  EXPECT_TRUE(json::parse(run({"inspect", frames, "--json"}).out).is_object());
}

TEST_F(Hostile, ARunOnAFolderOfAnyBytesIsResumedAndReported) {
  const std::string scene = path("caf\xe9 \xff");
  fs::rename(write_tiny_scene(folder_), scene);
  ASSERT_EQ(run(quick({"train", "--input", scene, "--output", path("run")})).code, 0);
  const Outcome resumed = run({"run", "--resume", path("run")});
  ASSERT_EQ(resumed.code, 0) << resumed.err;
  const Outcome reported = run({"report", path("run")});
  EXPECT_EQ(reported.code, 0) << reported.err;
  EXPECT_EQ(reported.err.find("warning"), std::string::npos) << reported.err;
}

TEST_F(Hostile, StandardErrorMayBeClosedOrFull) {
  for (const char* streams : {"2>/dev/full", "2>&-"}) {
    EXPECT_EQ(run_by_shell({"inspect", path("none")}, streams), static_cast<int>(ExitCode::kInput));
    const std::string name = path(fmt::format("run{}", streams[2]));
    fs::remove_all(name);
    const std::string scene = write_tiny_scene(folder_);
    EXPECT_EQ(run_by_shell(quick({"train", "--input", scene, "--output", name}),
                           std::string(">/dev/null ") + streams),
              0);
    EXPECT_TRUE(json::parse(read_file(fs::path(name) / "summary.json")).contains("steps"));
  }
}

TEST_F(Hostile, StandardOutputThatFailsIsSaidAndLosesNothing) {
  const std::string scene = write_tiny_scene(folder_);
  const std::string errors_too = fmt::format(" 2>{}", shell_path(path("errors")));
  constexpr int kOutput = static_cast<int>(ExitCode::kOutput);
  const Arguments reference = {"config", "reference"};
  EXPECT_EQ(run_by_shell(reference, ">/dev/full" + errors_too), kOutput);
  EXPECT_NE(errors().find("cannot write to standard output: No space left"), std::string::npos);
  EXPECT_EQ(run_by_shell(reference, ">&-" + errors_too), kOutput);
  EXPECT_NE(errors().find("cannot write to standard output: it is closed"), std::string::npos);
  // A pipe whose reader is gone, as under `| head`: its user wants to read no more.
  const std::string pipe = shell_path(path("pipe"));
  const std::string words = shell_line({PROXSEG_PROGRAM, "config", "reference"});
  const std::string command =
      fmt::format("mkfifo {0} && exec 3<>{0} 4>{0} 3<&- && {1} >&4 {2}", pipe, words, errors_too);
  EXPECT_EQ(WEXITSTATUS(std::system(command.c_str())), kOutput);
  EXPECT_EQ(errors(), "");

  // Neither is a stream's descriptor taken by a file of the run.
  EXPECT_EQ(run_by_shell(quick({"run", scene, "--output", path("run")}), "<&- >&- 2>&-"), kOutput);
  EXPECT_EQ(listing(folder_ / "run/mask").size(), 12U);
  EXPECT_TRUE(fs::exists(folder_ / "run/report.html"));
  EXPECT_TRUE(json::parse(read_file(folder_ / "run/summary.json")).contains("steps"));
}

TEST_F(Hostile, TooLittleAddressSpaceEndsInItsExitCode) {
  const std::string scene = write_tiny_scene(folder_);
  const std::string words =
      shell_line(quick({PROXSEG_PROGRAM, "run", scene, "--output", path("run"), "--threads", "2"}));
  for (const int kilobytes : {300'000, 800'000, 1'000'000, 1'200'000, 1'600'000, 2'000'000}) {
    const std::string command =
        fmt::format("ulimit -v {}; {} 2>{}", kilobytes, words, shell_path(path("errors")));
    EXPECT_EQ(WEXITSTATUS(std::system(command.c_str())), static_cast<int>(ExitCode::kMemory));
    const std::string said = errors();
    EXPECT_TRUE(said.find("2 threads need") != std::string::npos ||
                said.find("its libraries need") != std::string::npos)
        << said;
  }
  EXPECT_FALSE(fs::exists(folder_ / "run"));
}

TEST_F(Hostile, TooSmallAStackEndsInItsExitCode) {
  const std::string command =
      fmt::format("ulimit -s 128; {} doctor 2>{}", PROXSEG_PROGRAM, shell_path(path("errors")));
  EXPECT_EQ(WEXITSTATUS(std::system(command.c_str())), static_cast<int>(ExitCode::kMemory));
  EXPECT_THAT(errors(), AllOf(HasSubstr("the stack"), HasSubstr("ulimit -s")));
}

TEST_F(Hostile, FilesThatMayNotGrowEndInItsExitCode) {
  const std::string scene = write_tiny_scene(folder_);
  const std::string words = shell_line({PROXSEG_PROGRAM, "baseline", "median", "--input", scene,
                                        "--output", path("out"), "--save", "mask,overlay"});
  const std::string command =
      fmt::format("ulimit -f 1; {} 2>{}", words, shell_path(path("errors")));
  EXPECT_EQ(WEXITSTATUS(std::system(command.c_str())), static_cast<int>(ExitCode::kOutput));
  EXPECT_THAT(errors(), HasSubstr("File too large"));
  EXPECT_FALSE(fs::exists(folder_ / "out/overlay.mp4"));
}

TEST_F(Hostile, MisspeltWordsOfTheCommandLineAreNamed) {
  expect_failure(ExitCode::kUsage, {"proxseg: error: no command is given", "proxseg --help"}, {});
  expect_failure(ExitCode::kUsage, {"no command is given", "sweep       Train many"}, {"--json"});
  expect_failure(ExitCode::kUsage, {"proxseg: error: no command 'trian'; did you mean train?"},
                 {"trian"});
  expect_failure(ExitCode::kUsage, {"no command 'shwo'; did you mean show?", "proxseg config"},
                 {"config", "shwo"});
  expect_failure(ExitCode::kUsage,
                 {"proxseg: error: no option '--inptu'; did you mean --input?", "proxseg train"},
                 {"train", "--inptu", "x", "--output", "y"});
  expect_failure(ExitCode::kUsage, {"proxseg: error: 'two' is not expected here"},
                 {"inspect", "one", "two", "three"});
  expect_failure(ExitCode::kUsage, {"proxseg: error: ", "--model", "See proxseg infer --help."},
                 {"infer"});
}

TEST_F(Hostile, VersionNamesTheLibraries) {
  const Outcome outcome = run({"--version"});
  EXPECT_EQ(outcome.code, 0);
  for (const char* word : {"proxseg ", "LibTorch ", "OpenCV "}) {
    EXPECT_NE(outcome.out.find(word), std::string::npos) << outcome.out;
  }
}

TEST_F(Hostile, MoreThreadsThanCoresAreSaid) {
  const std::string scene = write_tiny_scene(folder_);
  const int64_t cores = available_cores();
  const Outcome outcome = run(quick({"train", "--input", scene, "--output", path("run"),
                                     "--threads", std::to_string(cores + 1)}));
  EXPECT_EQ(outcome.code, 0) << outcome.err;
  EXPECT_NE(outcome.err.find(fmt::format("{} threads share {} cores", cores + 1, cores)),
            std::string::npos)
      << outcome.err;
}

}  // namespace
}  // namespace proxseg
