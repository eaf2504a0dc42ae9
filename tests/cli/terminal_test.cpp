// What a user sees: in terminals of several widths, and with --quiet, --verbose and --no-progress.
#include <gmock/gmock.h>

#include "cli/log.h"
#include "cli/sweep_command.h"
#include "cli/work.h"
#include "support/scene_files.h"
#include "support/terminal.h"

namespace proxseg {
namespace {

using cli::columns_of;
using cli::fit;
using cli::ProgressLine;
using ::testing::AllOf;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;

TEST(Columns, CountWhatATerminalShows) {
  EXPECT_EQ(columns_of("clip"), 4U);
  EXPECT_EQ(columns_of("caf\u00e9"), 4U);
  EXPECT_EQ(columns_of("\u9332\u753b"), 4U);
  EXPECT_EQ(columns_of("e\u0301"), 1U);
  EXPECT_EQ(fit("\u9332\u753b", 3), "\u9332");
  EXPECT_EQ(fit("a\nb\033[2J\xff", 80), "a?b?[2J?");
}

TEST(ProgressLine, NeverFillsARow) {
  for (const std::string label :
       {"train", "a very long name of a sequence in a folder", "\u9332\u753b\u9332\u753b\u9332"}) {
    for (const int64_t total : {0, 75, 123456}) {
      const ProgressLine line = {label, "frames", 71, total, 3.25, "loss 3.5 nuclear 2.9"};
      for (size_t columns = 20; columns <= 160; ++columns) {
        const std::string text = line.text(columns);
        EXPECT_LT(columns_of(text), columns) << text;
        EXPECT_THAT(text, HasSubstr(total > 0 ? "71/" + std::to_string(total) : "71"));
      }
      EXPECT_THAT(line.text(0), HasSubstr("loss 3.5 nuclear 2.9"));
    }
  }
}

TEST(ProgressLine, LeavesOutTheLeastImportantFirst) {
  const ProgressLine line = {"train", "steps", 15, 75, 2.0, "loss 3.5"};
  EXPECT_EQ(line.text(24), "train 15/75  0:30 left");
  EXPECT_EQ(line.text(30), "train 15/75 steps  0:30 left");
  EXPECT_EQ(line.text(48), "train 15/75 steps  2.0/s  0:30 left  loss 3.5");
  EXPECT_EQ(line.text(80),
            "train [====                    ] 15/75 steps  2.0/s  0:30 left  loss 3.5");
  const ProgressLine other = {"a_long_name", "frames", 15, 75, 2.0, ""};
  EXPECT_EQ(other.text(22), "a_long_name 15/75");
}

TEST_F(Terminal, HelpKeepsToItsWidth) {
  for (const int columns : {40, 80, 200}) {
    for (const char* command : {"run", "infer", "baseline", "bench", "sweep", "synth", "config"}) {
      for (const std::string& row : rows_of(shown(columns, 24, {command, "--help"}))) {
        EXPECT_LE(columns_of(row), static_cast<size_t>(std::min(columns, 100))) << row;
      }
    }
  }
}

TEST_F(Terminal, TrainingUpdatesOneRowInPlace) {
  const std::string scene = write_tiny_scene(folder_);
  for (const int columns : {20, 40, 80}) {
    const std::string text =
        shown(columns, 24, quick({"train", "--input", scene, "--output", path("run"), "--force"}));
    size_t updates = 0;
    for (const std::string& row : rows_of(text)) {
      if (!row.starts_with("train ")) continue;
      ++updates;
      EXPECT_LT(columns_of(row), static_cast<size_t>(columns)) << row;
    }
    EXPECT_GE(updates, 1U) << text;
    EXPECT_THAT(text, HasSubstr("2/2"));
  }
}

TEST_F(Terminal, TheLineOfTheTrainingStaysAboveThatOfTheMasks) {
  const std::string scene = write_tiny_scene(folder_);
  const std::string text = shown(80, 24, quick({"run", scene, "--output", path("run")}));
  EXPECT_THAT(text, ::testing::ContainsRegex("2/2 steps[^\r\n]*\r\n\r\033\\[Kmasks"));
  EXPECT_THAT(text, ::testing::ContainsRegex("12/12 frames[^\r\n]*\r\n[^\r\n]"));
}

TEST_F(Terminal, ADumbOneGetsNoControlSequences) {
  const std::string scene = write_tiny_scene(folder_);
  const std::string text =
      shown(80, 24, quick({"train", "--input", scene, "--output", path("run")}),
            {{"TERM", "dumb"}, {"COLORTERM", "truecolor"}});
  EXPECT_THAT(text, AllOf(HasSubstr("2/2 steps"), Not(HasSubstr("\033"))));
}

TEST_F(Terminal, ErrorsAreColoredUnlessNoColorIsSet) {
  EXPECT_THAT(shown(80, 24, {"trian"}), HasSubstr("\033[31m"));
  EXPECT_THAT(shown(80, 24, {"trian"}, {{"NO_COLOR", "1"}}), Not(HasSubstr("\033")));
  EXPECT_THAT(run({"trian"}).err, Not(HasSubstr("\033")));
}

TEST_F(Program, QuietLeavesResultsWarningsAndErrors) {
  const std::string scene = write_tiny_scene(folder_);
  const Arguments words = {"baseline", "median",  "--input", scene,
                           "--output", path("m"), "--force"};
  const auto with = [&](const char* option) {
    Arguments more = words;
    more.emplace_back(option);
    return run(more);
  };
  EXPECT_THAT(run(words).err, HasSubstr("12/12 frames"));
  const Outcome quiet = with("--quiet");
  for (const std::string& line : Terminal::rows_of(quiet.err)) {
    EXPECT_TRUE(line.starts_with("proxseg: warning: ")) << line;
  }
  EXPECT_THAT(quiet.out, HasSubstr("12 frames segmented"));
  EXPECT_THAT(with("--no-progress").err, Not(HasSubstr("12/12")));
  EXPECT_THAT(with("--verbose").err, AllOf(HasSubstr("12/12 frames"), HasSubstr("threads of")));
}

TEST_F(Program, TrainingIsQuietWhenAsked) {
  const std::string scene = write_tiny_scene(folder_);
  const Arguments words =
      quick({"train", "--input", scene, "--output", path("run"), "--force", "--threads", "1"});
  const auto with = [&](const char* option) {
    Arguments more = words;
    more.emplace_back(option);
    return run(more);
  };
  const Outcome quiet = with("-q");
  EXPECT_THAT(quiet.err, Not(HasSubstr("parameters")));
  EXPECT_THAT(quiet.err, Not(HasSubstr("train")));
  EXPECT_THAT(quiet.out, AllOf(HasSubstr("model:"), Not(HasSubstr("next:"))));
  EXPECT_THAT(with("--no-progress").err, AllOf(HasSubstr("parameters"), Not(HasSubstr("2/2"))));
  EXPECT_THAT(with("-v").err, AllOf(HasSubstr("train.steps = 2 (--set)"), HasSubstr("2/2 steps")));
  expect_failure(ExitCode::kUsage, {"--quiet", "--verbose"}, {"run", "x", "-q", "-v"});
}

class SweepTerminal : public Terminal {};

TEST_F(SweepTerminal, ShowsStateAndValueOfTrialsWhoseSettingsAreLong) {
  const std::string scene = write_tiny_scene(folder_);
  save_text(folder_ / "sweep.json",
            fmt::format(R"({{"inputs": ["{}"], "set": {{{}, "train.steps": 2}}, "grid":
              {{"loss.l1.weight": [0.123456789], "loss.tv.weight": [0.123456789],
                "train.learning_rate": [0.0012345], "mask.threshold": [0.4, 0.6]}}}})",
                        scene, kQuickSet));
  const std::string text =
      shown(80, 24, {"sweep", path("sweep.json"), "--output", path("out"), "--jobs", "1"});
  bool has_running = false, has_best = false;
  for (const std::string& row : rows_of(text)) {
    if (row.starts_with("  best ") || row.starts_with("  running ")) {
      EXPECT_LT(columns_of(row), 80U) << row;
    }
    has_running = has_running || row.starts_with("  running ");
    has_best = has_best || row.starts_with("  best     F ");
  }
  EXPECT_TRUE(has_running) << text;
  EXPECT_TRUE(has_best) << text;
}

TEST_F(SweepCommand, TakesThreadsAndPrintsJson) {
  const Outcome outcome = run({"sweep", write_sweep(R"("grid": {"seed": [1]})"), "--output",
                               path("out"), "--threads", "1", "--json", "--quiet"});
  ASSERT_EQ(outcome.code, 0) << outcome.err;
  EXPECT_THAT(outcome.err, IsEmpty());
  EXPECT_EQ(nlohmann::json::parse(outcome.out).at("trials").at(0).at("state"), "done");
}

}  // namespace
}  // namespace proxseg
