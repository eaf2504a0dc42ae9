// scripts/benchmark-cdnet.sh as its user runs it, on a tree of generated scenes.
#include <fmt/format.h>
#include <gmock/gmock.h>

#include <cstdlib>
#include <filesystem>
#include <nlohmann/json.hpp>

#include "support/program.h"
#include "support/scene_files.h"
#include "support/sequence_files.h"

namespace proxseg {
namespace {

namespace fs = std::filesystem;
using ::testing::AllOf;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::Not;

class BenchmarkCdnet : public Program {
 protected:
  BenchmarkCdnet() {
    const std::string scene = write_tiny_scene(folder_);
    for (const char* video : {"baseline/one", "shadow/two"}) {
      fs::create_directories(folder_ / "tree" / video);
      fs::copy(scene, folder_ / "tree" / video, fs::copy_options::recursive);
    }
    save_text(folder_ / "tree/shadow/two/temporalROI.txt", "3 7");
  }

  Outcome benchmark(const std::string& more = "") const {
    const std::string words = fmt::format("{}", fmt::join(quick({"--threads", "1"}), " "));
    const std::string command = fmt::format(
        "PROXSEG={0} {1}/scripts/benchmark-cdnet.sh {2}/tree {2}/out {3} {4} >{2}/stdout 2>{2}/stderr",
        PROXSEG_PROGRAM, PROXSEG_SOURCE_DIR, folder_.string(), words, more);
    const int status = std::system(command.c_str());
    return {WEXITSTATUS(status), read_file(folder_ / "stdout"), read_file(folder_ / "stderr")};
  }

  Arguments lines_of(const std::string& file) const {
    Arguments lines;
    std::istringstream text(read_file(folder_ / file));
    for (std::string line; std::getline(text, line);) lines.push_back(line);
    return lines;
  }

  Arguments names_in_zip() const {
    const std::string list = path("list");
    EXPECT_EQ(
        std::system(
            fmt::format("cmake -E tar tf {}/out/results.zip >{}", folder_.string(), list).c_str()),
        0);
    return lines_of("list");
  }
};

TEST_F(BenchmarkCdnet, PrintsTheTableBesideThePublishedFiguresAndPacksTheMasks) {
  const Outcome outcome = benchmark();
  ASSERT_EQ(outcome.code, 0) << outcome.err;
  EXPECT_THAT(outcome.out,
              testing::ContainsRegex("\\| baseline +\\|  1 of 4 \\| +[.0-9]+ \\| +\\.9397 \\|"));
  EXPECT_THAT(outcome.out, testing::ContainsRegex("\\| thermal +\\|  0 of 5 \\| +- \\|"));
  EXPECT_THAT(outcome.out, AllOf(HasSubstr("ZBS*"), Not(HasSubstr("SWCD*")), HasSubstr("2 of 53")));
  EXPECT_EQ(read_file(folder_ / "out/results.md") + "\n" + path("out/results.zip") +
                " holds 17 masks of 2 videos. CDnet ranks methods by all 53.\n",
            outcome.out);
  const nlohmann::json two =
      nlohmann::json::parse(run({"eval", "--masks", path("out/results/shadow/two"),
                                 "--ground-truth", path("tree/shadow/two"), "--json"})
                                .out);
  EXPECT_THAT(outcome.out, HasSubstr(fmt::format("| {:.4f} |", two["overall"]["F"].get<double>())));

  const Arguments names = names_in_zip();
  ASSERT_EQ(names.size(), 17U);
  EXPECT_EQ(names.front(), "results/baseline/one/bin000001.png");
  EXPECT_THAT(Arguments(names.begin() + 12, names.end()),
              ElementsAre("results/shadow/two/bin000003.png", "results/shadow/two/bin000004.png",
                          "results/shadow/two/bin000005.png", "results/shadow/two/bin000006.png",
                          "results/shadow/two/bin000007.png"));
}

TEST_F(BenchmarkCdnet, GoesOnWhereItStopped) {
  // A training that was stopped, and a video that fails.
  ASSERT_EQ(run(quick({"train", "--threads", "1", "--input", path("tree/baseline/one"), "--output",
                       path("out/runs/baseline/one"), "--until", "1"}))
                .code,
            0);
  const Arguments metrics = lines_of("out/runs/baseline/one/metrics.csv");
  const fs::path frame = folder_ / "tree/shadow/two/input/in000002.jpg";
  fs::copy(frame, folder_ / "whole.jpg");
  truncate(frame, 0.5);
  const Outcome failed = benchmark();
  EXPECT_EQ(failed.code, 1);
  EXPECT_THAT(failed.err, AllOf(HasSubstr("in000002.jpg"), HasSubstr("failed: shadow/two")));
  EXPECT_THAT(failed.out, HasSubstr("holds 12 masks of 1 videos"));
  // The first step is the one of before, down to the seconds it took.
  const Arguments resumed = lines_of("out/runs/baseline/one/metrics.csv");
  ASSERT_EQ(metrics.size(), 2U);
  ASSERT_EQ(resumed.size(), 3U);
  EXPECT_EQ(resumed[1], metrics[1]);
  const Arguments before = lines_of("out/times.csv");
  ASSERT_EQ(before.size(), 3U);

  fs::copy(folder_ / "whole.jpg", frame, fs::copy_options::overwrite_existing);
  EXPECT_EQ(benchmark().code, 0);
  const Arguments after = lines_of("out/times.csv");
  ASSERT_EQ(after.size(), 5U);
  EXPECT_EQ(Arguments(after.begin(), after.begin() + 3), before);
  EXPECT_THAT(after[3], HasSubstr("shadow/two,training,"));

  const Outcome other = benchmark("--seed 5");
  EXPECT_EQ(other.code, static_cast<int>(ExitCode::kOutput));
  EXPECT_THAT(other.err, HasSubstr("another program, ROOT or arguments"));
}

TEST_F(BenchmarkCdnet, RefusesATreeWithoutVideos) {
  fs::remove_all(folder_ / "tree");
  EXPECT_EQ(benchmark().code, static_cast<int>(ExitCode::kInput));
  save_text(folder_ / "tree/readme", "");
  const Outcome outcome = benchmark();
  EXPECT_EQ(outcome.code, static_cast<int>(ExitCode::kInput));
  EXPECT_THAT(outcome.err, HasSubstr("no CATEGORY/VIDEO"));
}

}  // namespace
}  // namespace proxseg
