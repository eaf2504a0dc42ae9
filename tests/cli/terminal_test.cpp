// What a user sees: in terminals of several widths, and with --quiet, --verbose and --no-progress.
#include <gmock/gmock.h>

#include <algorithm>

#include "cli/log.h"
#include "cli/sweep_command.h"
#include "cli/work.h"
#include "proxseg/core/lines.h"
#include "support/scene_files.h"
#include "support/terminal.h"

namespace proxseg {
namespace {

using cli::ProgressLine;
using ::testing::AllOf;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;

TEST(ProgressLine, LeavesRoomForWhatTheTerminalShowsOfCtrlC) {
  for (const std::string label :
       {"train", "a very long name of a sequence in a folder", "\u9332\u753b\u9332\u753b\u9332"}) {
    for (const int64_t total : {0, 75, 123456}) {
      const ProgressLine line = {label, "frames", 71, total, 3.25, {"loss 3.5", "nuclear 2.9"}};
      for (size_t columns = 20; columns <= 160; ++columns) {
        const std::string text = line.text(columns);
        EXPECT_LE(columns_of(text) + 3, columns) << text;
        EXPECT_THAT(text, HasSubstr(total > 0 ? "71/" + std::to_string(total) : "71"));
      }
      EXPECT_THAT(line.text(0), HasSubstr("loss 3.5 nuclear 2.9"));
    }
  }
}

TEST(ProgressLine, LeavesOutTheLeastImportantFirst) {
  const ProgressLine line = {"train", "steps", 15, 75, 2.0, {"loss 3.5", "mask 2.5%"}};
  EXPECT_EQ(line.text(26), "train 15/75  0:30 left");
  EXPECT_EQ(line.text(32), "train 15/75 steps  0:30 left");
  EXPECT_EQ(line.text(50), "train 15/75 steps  2.0/s  0:30 left  loss 3.5");
  EXPECT_EQ(line.text(60), "train 15/75 steps  2.0/s  0:30 left  loss 3.5 mask 2.5%");
  EXPECT_EQ(line.text(90),
            "train [====                    ] 15/75 steps  2.0/s  0:30 left  loss 3.5 mask 2.5%");
  const ProgressLine other = {"a_long_name", "frames", 15, 75, 2.0, {}};
  EXPECT_EQ(other.text(22), "a_long_name 15/75");
}

// No row is wider than the terminal but by a single word.
void expect_whole_words(const std::string& text, size_t columns) {
  for (const std::string& row : Terminal::rows_of(text)) {
    const size_t begin = std::min(row.find_first_not_of(' '), row.size());
    const bool is_word = row.find(' ', begin) == std::string::npos;
    EXPECT_TRUE(columns_of(row) <= columns || is_word) << row;
  }
}

TEST_F(Terminal, LinesAreBrokenByWordsAndStayWholeInAPipe) {
  const Arguments commands[] = {{"doctor"},
                                {"config", "list"},
                                {"config", "diff", "default", "sakai2021"},
                                {"infer", "--model", "genric", "--input", "x", "--output", "y"}};
  for (const Arguments& command : commands) {
    expect_whole_words(shown(40, 24, command, {{"NO_COLOR", "1"}}), 40);
  }
  const std::string recipes = run({"config", "list"}).out;
  EXPECT_EQ(std::ranges::count(recipes, '\n'), 5) << recipes;
}

TEST_F(Terminal, WhatATrainingEndsWithIsBrokenByWords) {
  const std::string scene = write_tiny_scene(folder_);
  for (const int columns : {60, 80}) {
    const std::string text =
        shown(columns, 24, quick({"run", scene, "--output", path("run"), "--force"}));
    expect_whole_words(text, static_cast<size_t>(columns));
    EXPECT_THAT(text, HasSubstr("without labels"));
    EXPECT_THAT(text, HasSubstr(" \\\r\n"));  // the suggested command is too long for a row
  }
}

TEST_F(Terminal, ReadingFramesAndLearningTheBackgroundAreShown) {
  const std::string scene = write_tiny_scene(folder_);
  const std::string trained =
      shown(80, 24, quick({"train", "--input", scene, "--output", path("run")}));
  EXPECT_THAT(trained, HasSubstr("read scene [==                      ] 1/12 frames"));
  EXPECT_THAT(trained, HasSubstr("scene: learning the background"));
  const std::string segmented =
      shown(80, 24, {"infer", "--model", path("run"), "--input", scene, "--output", path("masks")});
  EXPECT_THAT(segmented, HasSubstr("scene: learning the background"));
  const std::string quiet = shown(
      80, 24, {"infer", "-q", "--model", path("run"), "--input", scene, "--output", path("more")});
  EXPECT_THAT(quiet, Not(HasSubstr("background")));
}

TEST_F(Terminal, LossMaskAndRankOfATrainingAreSeenFirst) {
  const std::string scene = write_tiny_scene(folder_);
  EXPECT_THAT(
      shown(80, 24, quick({"train", "--input", scene, "--output", path("run")})),
      ::testing::ContainsRegex("2/2 steps[^\r\n]* loss [0-9.]+ mask [0-9.]+% rank [0-9.]+"));
}

TEST_F(Terminal, TheTableOfMeasuresSaysWhatItLeavesOut) {
  const std::string scene = write_tiny_scene(folder_);
  ASSERT_EQ(run(quick({"run", scene, "--output", path("run")})).code, 0);
  const Arguments eval = {"eval", "--masks", path("run"), "--ground-truth", scene};
  const std::string text = shown(79, 24, eval);
  expect_whole_words(text, 79);
  EXPECT_THAT(text, HasSubstr("left out: FPR-S; --json, --csv and --markdown have all"));
  EXPECT_THAT(run(eval).out, AllOf(HasSubstr("FPR-S"), Not(HasSubstr("left out"))));
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
  expect_whole_words(text, 80);
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
            fmt::format(R"({{"inputs": ["{}"], "set": {{{}, "train.steps": 100}}, "grid":
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
  const Arguments status = {"sweep", "status", path("out")};
  const std::string table = shown(80, 24, status);
  expect_whole_words(table, 80);
  EXPECT_THAT(table, HasSubstr("left out: "));
  const std::string last = table.substr(table.rfind("\r\nsweep: "));
  EXPECT_THAT(last, HasSubstr("2 of 2 trials done"));
  EXPECT_LT(table.rfind("left out: "), table.find("Configurations by"));
  EXPECT_THAT(run(status).out, AllOf(HasSubstr("loss.l1.weight"), Not(HasSubstr("left out"))));
  const std::string plan =
      shown(80, 24, {"sweep", path("sweep.json"), "--output", path("out"), "--dry-run"});
  expect_whole_words(plan, 80);
  EXPECT_THAT(plan, HasSubstr("l1.weight"));
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
