// The command compare as a user runs it.
#include <fmt/format.h>
#include <gmock/gmock.h>
#include <signal.h>

#include <algorithm>
#include <chrono>
#include <filesystem>
#include <nlohmann/json.hpp>
#include <opencv2/imgcodecs.hpp>
#include <thread>

#include "support/program.h"
#include "support/scene_files.h"
#include "support/sequence_files.h"

namespace proxseg {
namespace {

namespace fs = std::filesystem;
using nlohmann::json;
using ::testing::HasSubstr;
using ::testing::StartsWith;

class CompareCommand : public Program {
 protected:
  // compare SCENE --output out --methods median,mog2, with a network that is trained in a moment.
  Arguments compare(const std::string& input, const Arguments& more = {}) const {
    Arguments words = quick(
        {"compare", input, "--output", path("out"), "--methods", "median,mog2", "--threads", "1"});
    words.insert(words.end(), more.begin(), more.end());
    return words;
  }

  json results_of(const Arguments& arguments) const {
    Arguments words = arguments;
    words.push_back("--json");
    const Outcome outcome = run(words);
    EXPECT_EQ(outcome.code, 0) << outcome.err;
    return json::parse(outcome.out);
  }

  // The scene as another sequence.
  void copy_scene(const std::string& name) const {
    fs::create_directories(folder_ / name);
    fs::copy(scene_, folder_ / name, fs::copy_options::recursive);
  }

  const std::string scene_ = write_tiny_scene(folder_);
};

Arguments texts_in(const json& rows, const char* name) {
  Arguments values;
  for (const json& row : rows) values.push_back(row.at(name));
  return values;
}

TEST_F(CompareCommand, MeasuresTheNetworkAndEachMethodByTheGroundTruth) {
  const json results = results_of(compare(scene_)).at("results");
  EXPECT_EQ(texts_in(results, "method"), (Arguments{"proxseg", "median", "mog2"}));
  EXPECT_EQ(texts_in(results, "sequence"), Arguments(3, "scene"));
  EXPECT_GT(results[0].at("training_seconds"), 0.0);
  EXPECT_FALSE(results[1].contains("training_seconds"));
  EXPECT_TRUE(fs::exists(folder_ / "out/scene/run/model.safetensors"));
  for (const json& row : results) {
    const std::string masks = path("out/scene/" + row.at("method").get<std::string>());
    EXPECT_TRUE(fs::exists(masks + "/bin000012.png")) << masks;
    EXPECT_GT(row.at("frames_per_second"), 0.0);
    const json evaluation =
        json::parse(run({"eval", "--masks", masks, "--ground-truth", scene_, "--json"}).out);
    EXPECT_EQ(row.at("F"), evaluation.at("overall").at("F")) << masks;
  }
  // The page of its runs measures the same masks.
  ASSERT_EQ(run({"report", path("out"), "--output", path("page.html")}).code, 0);
  EXPECT_THAT(read_file(folder_ / "page.html"), HasSubstr(results[0].at("F").dump()));
}

TEST_F(CompareCommand, ATreeIsComparedSequenceBySequence) {
  copy_scene("tree/a/x");
  copy_scene("tree/b/y");
  save_text(folder_ / "tree/README.md", "not a frame");
  const Outcome outcome =
      run(compare(path("tree"), {"--csv", path("table.csv"), "--markdown", path("table.md")}));
  ASSERT_EQ(outcome.code, 0) << outcome.err;
  EXPECT_THAT(outcome.out, StartsWith("sequence  method "));
  EXPECT_EQ(std::count(outcome.out.begin(), outcome.out.end(), '\n'), 1 + 2 * 3 + 3);
  EXPECT_THAT(outcome.out, HasSubstr("\nb/y       mog2 "));
  EXPECT_THAT(outcome.out, HasSubstr("\nmean      proxseg "));
  EXPECT_THAT(read_file(folder_ / "table.csv"), HasSubstr("\nsequence,a/x,median,"));
  EXPECT_THAT(read_file(folder_ / "table.md"), HasSubstr("\n| a/x | median | "));
}

// The upper left quarter.
constexpr const char* kQuarter = "0,0,23,0,23,17,0,17";

TEST_F(CompareCommand, MasksLieInTheRegionOfInterest) {
  ASSERT_EQ(run(compare(scene_, {"--roi", kQuarter})).code, 0);
  for (const char* method : {"proxseg", "median", "mog2"}) {
    for (int i = 1; i <= 12; ++i) {
      const std::string file = path(fmt::format("out/scene/{}/bin{:06d}.png", method, i));
      cv::Mat mask = cv::imread(file, cv::IMREAD_GRAYSCALE);
      ASSERT_FALSE(mask.empty()) << file;
      mask(cv::Rect(0, 0, 24, 18)) = 0;
      EXPECT_EQ(cv::countNonZero(mask), 0) << file;
    }
  }
}

TEST_F(CompareCommand, FinishedResultsAreKeptUntilForced) {
  const json first = results_of(compare(scene_));
  const fs::path model = folder_ / "out/scene/run/model.safetensors";
  fs::remove_all(folder_ / "out/scene/median");
  fs::remove(model);
  EXPECT_EQ(results_of(compare(scene_)).at("results")[0], first.at("results")[0]);
  EXPECT_FALSE(fs::exists(model));
  EXPECT_TRUE(fs::exists(folder_ / "out/scene/median/bin000003.png"));
  EXPECT_EQ(run(compare(scene_, {"--force"})).code, 0);
  EXPECT_TRUE(fs::exists(model));
}

TEST_F(CompareCommand, ResultsOfAnotherRecipeAreRefusedUnlessForced) {
  ASSERT_EQ(run(compare(scene_)).code, 0);
  const Arguments other = compare(scene_, {"--seed", "7"});
  expect_failure(ExitCode::kOutput,
                 {path("out/scene/proxseg/result.json"), "seed is '1' there, '7' here", "--force"},
                 other);
  save_text(folder_ / "out/scene/proxseg/result.json", "{");
  expect_failure(ExitCode::kOutput, {path("out/scene/proxseg/result.json"), "damaged"}, other);
  Arguments forced = other;
  forced.push_back("--force");
  EXPECT_EQ(run(forced).code, 0);
}

TEST_F(CompareCommand, ResultsByOtherLabelsAreRefused) {
  copy_scene("labelled");
  const std::string scene = path("labelled");
  ASSERT_EQ(run(compare(scene)).code, 0);
  for (const auto& label : fs::directory_iterator(folder_ / "labelled/groundtruth")) {
    const cv::Mat none(cv::imread(label.path(), cv::IMREAD_GRAYSCALE).size(), CV_8U, cv::Scalar(0));
    cv::imwrite(label.path(), none);
  }
  expect_failure(ExitCode::kOutput, {"result.json", "sequence", "--force"}, compare(scene));
}

TEST_F(CompareCommand, ResultsOnOtherFramesOrByOtherFilesAreRefused) {
  copy_scene("copy");
  const fs::path first = folder_ / "copy/input/in000001.jpg";
  const cv::Mat roi(cv::imread(first).size(), CV_8U, cv::Scalar(255));
  cv::imwrite(path("roi.png"), roi);
  const Arguments words = compare(path("copy"), {"--roi", path("roi.png")});
  ASSERT_EQ(run(words).code, 0);
  cv::Mat half = roi.clone();
  half(cv::Rect(0, 0, 20, roi.rows)) = 0;
  cv::imwrite(path("roi.png"), half);
  expect_failure(ExitCode::kOutput, {"result.json", "the input.roi is another one"}, words);
  cv::imwrite(path("roi.png"), roi);
  const std::string frame = read_file(first);
  save_text(first, read_file(folder_ / "copy/input/in000002.jpg"));
  expect_failure(ExitCode::kOutput, {"result.json", "the sequence is another one"}, words);
  save_text(first, frame);
  EXPECT_EQ(run(words).code, 0);
}

TEST_F(CompareCommand, DamagedSettingsAreAnError) {
  const Arguments words = compare(scene_);
  ASSERT_EQ(run(words).code, 0);
  const fs::path file = folder_ / "out/scene/median/result.json";
  const json whole = json::parse(read_file(file));
  for (const json& settings : {json::array(), json(5), json::object()}) {
    json damaged = whole;
    damaged["settings"] = settings;
    save_text(file, damaged.dump());
    expect_failure(ExitCode::kOutput, {"result.json", "is of another call: the ", "--force"},
                   words);
  }
}

TEST_F(CompareCommand, ATrainedNetworkIsComparedWithoutTraining) {
  ASSERT_EQ(run(quick({"train", "--input", scene_, "--output", path("run")})).code, 0);
  const Arguments arguments = {"compare",   scene_,   "--output", path("out"),
                               "--methods", "median", "--model",  path("run")};
  const json results = results_of(arguments).at("results");
  EXPECT_EQ(texts_in(results, "method"), (Arguments{"unseen", "median"}));
  EXPECT_FALSE(results[0].contains("training_seconds"));
  EXPECT_FALSE(fs::exists(folder_ / "out/scene/run"));
  const Arguments other =
      quick({"train", "--input", scene_, "--output", path("run"), "--force", "--seed", "2"});
  ASSERT_EQ(run(other).code, 0);
  expect_failure(ExitCode::kOutput, {"model", "--force"}, arguments);
}

TEST_F(CompareCommand, RefusesWhatItCannotCompareBeforeAnyTraining) {
  copy_scene("tree/a");
  copy_scene("tree/b");
  fs::remove_all(folder_ / "tree/b/groundtruth");
  expect_failure(ExitCode::kInput, {"no ground truth", path("tree/b")}, compare(path("tree")));
  expect_failure(ExitCode::kUsage, {"'vibe'", "median", "knn"},
                 quick({"compare", scene_, "--output", path("out"), "--methods", "median,vibe"}));
  expect_failure(
      ExitCode::kUsage, {"train.steps has no effect here"},
      {"compare", scene_, "--output", path("out"), "--model", "generic", "--set", "train.steps=5"});
  expect_failure(ExitCode::kUsage, {"two tables"},
                 compare(scene_, {"--csv", path("table"), "--markdown", path("table")}));
  EXPECT_FALSE(fs::exists(folder_ / "out"));
}

TEST_F(CompareCommand, AnInterruptedCallGoesOn) {
  const fs::path metrics = folder_ / "out/scene/run/metrics.csv";
  const pid_t process = start(compare(scene_, {"--set", "train.steps=100000"}));
  const auto deadline = std::chrono::steady_clock::now() + std::chrono::minutes(2);
  while (!fs::exists(metrics) && std::chrono::steady_clock::now() < deadline) {
    std::this_thread::yield();
  }
  ::kill(process, SIGINT);
  const Outcome outcome = finish(process);
  EXPECT_EQ(outcome.code, static_cast<int>(ExitCode::kInterrupted));
  EXPECT_THAT(outcome.err, HasSubstr("The same command goes on"));
  EXPECT_FALSE(
      json::parse(read_file(folder_ / "out/scene/proxseg/result.json")).contains("result"));
  EXPECT_EQ(run(compare(scene_)).code, 0);
}

TEST_F(CompareCommand, RunsAndMasksOfOtherCommandsAreRefusedUnlessForced) {
  const std::string run_folder = path("out/scene/run"), masks = path("out/scene/median");
  ASSERT_EQ(run(quick({"train", "--input", scene_, "--output", run_folder, "--seed", "9"})).code,
            0);
  const std::string model = read_file(run_folder + "/model.safetensors");
  expect_failure(ExitCode::kOutput, {run_folder, "--force"}, compare(scene_));
  EXPECT_TRUE(read_file(run_folder + "/model.safetensors") == model);
  fs::rename(run_folder, path("mine"));
  ASSERT_EQ(run({"baseline", "median", "--input", scene_, "--output", masks}).code, 0);
  expect_failure(ExitCode::kOutput, {masks, "--force"}, compare(scene_));
  EXPECT_EQ(listing(masks + "/mask").size(), 12U);
  EXPECT_EQ(run(compare(scene_, {"--force"})).code, 0);
}

TEST_F(CompareCommand, HelpHasExamplesAndTheDefaultMethods) {
  const Outcome help = run({"compare", "--help"});
  EXPECT_EQ(help.code, 0);
  EXPECT_THAT(help.out, HasSubstr("median,mog2,knn"));
  EXPECT_THAT(help.out, HasSubstr("  proxseg compare "));
}

}  // namespace
}  // namespace proxseg
