// proxseg infer, baseline, eval and export where their folders and options are at fault.
#include <fmt/format.h>
#include <gtest/gtest.h>

#include <cstdlib>
#include <nlohmann/json.hpp>
#include <opencv2/imgcodecs.hpp>

#include "proxseg/core/file.h"
#include "support/program.h"
#include "support/scene_files.h"
#include "support/sequence_files.h"

namespace proxseg {
namespace {

namespace fs = std::filesystem;

struct SegmentingCommands : Program {
  // Frames of one grey value each, so that no mask is expected.
  std::string write_still(const std::string& name, int frames) const {
    for (int i = 1; i <= frames; ++i) {
      save(folder_ / name / fmt::format("f{}.png", i), gray_image(80, {32, 24}));
    }
    return path(name);
  }

  Arguments median(const std::string& input, const Arguments& more = {}) const {
    Arguments words = {"baseline", "median", "--input", input, "--output", path("out")};
    words.insert(words.end(), more.begin(), more.end());
    return words;
  }
};

TEST_F(SegmentingCommands, ALineOutsideOfOneSequenceIsRefusedBeforeAnyWork) {
  write_still("tree/a", 5);
  save(folder_ / "tree/b/f1.png", gray_image(80, {16, 12}));
  expect_failure(ExitCode::kUsage, {"outside of the frame, which is 16 x 12"},
                 median(path("tree"), {"--line", "20,0,20,24"}));
  EXPECT_FALSE(fs::exists(folder_ / "out"));
}

TEST_F(SegmentingCommands, OfAnotherVideoIsRefusedUnlessForced) {
  const std::string first = write_still("long", 9), second = write_still("short", 5);
  ASSERT_EQ(run(median(first)).code, 0);
  EXPECT_EQ(run(median(first)).code, 0);
  expect_failure(ExitCode::kOutput, {"holds results of another call", first, second, "--force"},
                 median(second));
  EXPECT_EQ(listing(folder_ / "out/mask").size(), 9U);
  ASSERT_EQ(run(median(second, {"--force"})).code, 0);
  EXPECT_EQ(listing(folder_ / "out/mask").size(), 5U);
  expect_failure(ExitCode::kOutput, {"method was 'median', is 'mog2'"},
                 {"baseline", "mog2", "--input", second, "--output", path("out")});
  expect_failure(ExitCode::kOutput, {"input.range was '', is '1:3'"},
                 median(second, {"--set", "input.range=1:3"}));
  expect_failure(ExitCode::kOutput,
                 {"another call: made by the method median, and now by a network"},
                 {"infer", "--model", "generic", "--input", second, "--output", path("out")});
  save_text(folder_ / "out/segmentation.json", "{");
  const Outcome damaged = run(median(second));
  EXPECT_THAT(damaged.err, HasSubstr("segmentation.json' is damaged"));
  EXPECT_THAT(damaged.err, testing::Not(HasSubstr("json.exception")));
}

TEST_F(SegmentingCommands, AreNotWrittenAmongWhatARunHasLearned) {
  const std::string still = write_still("still", 5);
  for (const char* name : {"config.json", "provenance.json"})
    save_text(folder_ / "run" / name, "{}");
  for (const Arguments& words :
       {Arguments{"baseline", "median"}, {"infer", "--model", "generic"}}) {
    Arguments call = words;
    call.insert(call.end(), {"--input", still, "--output", path("run")});
    expect_failure(ExitCode::kOutput, {path("run"), "holds a run", path("run/masks")}, call);
  }
  EXPECT_EQ(listing(folder_ / "run").size(), 2U);
}

TEST_F(SegmentingCommands, NeedNoTrainingWithTheGenericNetwork) {
  const std::string scene = PROXSEG_SOURCE_DIR "/data/synthetic";
  ASSERT_EQ(run({"infer", "--model", "generic", "--input", scene, "--output", path("out"),
                 "--layout", "cdnet"})
                .code,
            0);
  const auto scores = nlohmann::json::parse(
      run({"eval", "--masks", path("out"), "--ground-truth", scene, "--json"}).out);
  EXPECT_GT(scores["sequences"][0]["F"].get<double>(), 0.8);
}

// An upright line amid the street, and all of it as a zone.
TEST_F(SegmentingCommands, CountWhoCrossesALineAndStaysInAZone) {
  const std::string scene = PROXSEG_SOURCE_DIR "/data/synthetic";
  const Arguments counting = {"--line", "middle=80,120,80,0", "--zone",
                              "street=0,0,160,0,160,120,0,120"};
  const Outcome said = run(median(scene, counting));
  ASSERT_EQ(said.code, 0) << said.err;
  EXPECT_NE(said.out.find("; also counts\nmiddle:     "), std::string::npos) << said.out;
  const auto counts = nlohmann::json::parse(read_file(folder_ / "out/counts.json"));
  EXPECT_GT(counts["zones"][0]["objects"], 1);
  Arguments again = median(scene, counting);
  again.insert(again.end(), {"--force", "--json"});
  EXPECT_EQ(nlohmann::json::parse(run(again).out)[0]["counts"], counts);
  expect_failure(ExitCode::kOutput, {"line middle was", "'70,120,70,0'"},
                 median(scene, {"--line", "middle=70,120,70,0"}));
}

TEST_F(SegmentingCommands, RefuseCountsOfNothingAndLinesThatAreNone) {
  const std::string still = write_still("still", 4);
  expect_failure(ExitCode::kUsage, {"--save counts needs a line or a zone", "--line or --zone"},
                 median(still, {"--save", "counts"}));
  expect_failure(ExitCode::kUsage, {"--line: 'gate=1,2' has 1 points, not two"},
                 median(still, {"--line", "gate=1,2"}));
  expect_failure(ExitCode::kUsage, {"--zone", "outside of the frame, which is 32 x 24 pixels"},
                 median(still, {"--zone", "far=40,0,50,0,50,9"}));
  EXPECT_FALSE(fs::exists(folder_ / "out"));
}

// Of a camera of 12 bits whose scene fills a narrow part of its range.
TEST_F(SegmentingCommands, FindInTwelveBitsWhatTheyFindInTheEightBitTwin) {
  const fs::path scene = PROXSEG_SOURCE_DIR "/data/synthetic/input";
  for (const auto& entry : fs::directory_iterator(scene)) {
    const cv::Mat image = cv::imread(entry.path().string());
    cv::Mat deep;
    image.convertTo(deep, CV_16U, 600.0 / 255.0, 2000.0);
    save(folder_ / "deep" / (entry.path().stem().string() + ".png"), deep);
  }
  ASSERT_EQ(run(median(path("deep"))).code, 0);
  ASSERT_EQ(run({"baseline", "median", "--input", scene.string(), "--output", path("twin")}).code,
            0);
  double common = 0.0, all = 0.0;
  for (const std::string& name : listing(folder_ / "twin/mask")) {
    const cv::Mat deep = cv::imread(path("out/mask/" + name), cv::IMREAD_GRAYSCALE);
    const cv::Mat twin = cv::imread(path("twin/mask/" + name), cv::IMREAD_GRAYSCALE);
    common += cv::countNonZero(deep & twin);
    all += cv::countNonZero(deep | twin);
  }
  EXPECT_GT(common, 0.99 * all);
  EXPECT_GT(common, 0.0);
}

TEST_F(SegmentingCommands, TellWhatWasDoneOfSeveralWhereOneFails) {
  const std::string a = write_still("a", 4), b = write_still("b", 4);
  save_text(folder_ / "b/f3.png", "no image");
  const Outcome outcome = run(median(a, {"--input", b}));
  EXPECT_EQ(outcome.code, static_cast<int>(ExitCode::kInput));
  EXPECT_NE(outcome.out.find("masks:      " + path("out/a")), std::string::npos) << outcome.out;
  EXPECT_NE(outcome.err.find("b: cannot read"), std::string::npos) << outcome.err;
  EXPECT_NE(outcome.err.find("1 of 2 sequences could not be segmented"), std::string::npos);
}

TEST_F(SegmentingCommands, TakeAnImageOfTheCurrentFolderByItsNameAlone) {
  write_still("here", 4);
  const std::string command =
      fmt::format("cd {} && {} baseline median --input f1.png --output ../out 2>../log >/dev/null",
                  path("here"), PROXSEG_PROGRAM);
  EXPECT_EQ(std::system(command.c_str()), 0) << read_file(folder_ / "log");
  EXPECT_TRUE(fs::exists(folder_ / "out/mask/f1.png"));
}

TEST_F(SegmentingCommands, ReconnectOnlyToWhatCanBeLost) {
  const std::string still = write_still("still", 4);
  expect_failure(ExitCode::kUsage, {"--reconnect has no effect on", still},
                 median(still, {"--reconnect", "5"}));
  expect_failure(ExitCode::kUsage, {"--reconnect: expected a number in ["},
                 median("rtsp://127.0.0.1:9/none", {"--reconnect", "0"}));
}

// By its own library: it finds the frames by the path in each file.
TEST_F(SegmentingCommands, WriteWhatLabelmeReads) {
  if (std::system("/usr/bin/python3 -c 'import labelme' 2>/dev/null") != 0) {
    GTEST_SKIP() << "needs labelme";
  }
  const std::string scene = PROXSEG_SOURCE_DIR "/data/synthetic";
  ASSERT_EQ(run(median(scene, {"--save", "labelme,contours"})).code, 0);
  save_text(folder_ / "read.py", R"(
import glob, json, sys
from labelme.label_file import LabelFile
from labelme.utils import img_data_to_arr, shapes_to_label
import numpy
known = {image["number"]: image for image in json.load(open("out/contours.json"))["images"]}
files = sorted(glob.glob("out/labelme/*.json"))
assert len(files) == len(known)
for file, image in zip(files, known.values()):
    read = LabelFile(file)
    picture = img_data_to_arr(read.imageData)
    assert picture.shape[:2] == (image["height"], image["width"])
    ids = shapes_to_label(picture.shape, read.shapes, {"_background_": 0, "moving object": 1})[0]
    area = sum(o["area"] for o in image["objects"])
    holes = sum(len(o["contours"]) - 1 for o in image["objects"])
    assert holes > 0 or abs(numpy.count_nonzero(ids) - area) <= 0.1 * area + 4, (file, area)
)");
  const std::string command = fmt::format(
      "cd {} && QT_QPA_PLATFORM=offscreen /usr/bin/python3 read.py >log 2>&1", folder_.string());
  EXPECT_EQ(std::system(command.c_str()), 0) << read_file(folder_ / "log");
}

TEST_F(SegmentingCommands, OfSeveralSequencesIsRefusedBeforeAnyWork) {
  const std::string a = write_still("a", 4), b = write_still("b", 4);
  const Arguments both = median(a, {"--input", b});
  ASSERT_EQ(run(both).code, 0);
  fs::remove_all(folder_ / "out/a");
  save(folder_ / "b/f2.png", gray_image(1, {32, 24}));
  expect_failure(ExitCode::kOutput, {path("out/b"), "frames was"}, both);
  EXPECT_FALSE(fs::exists(folder_ / "out/a"));
}

TEST_F(SegmentingCommands, OfATreeIsFoundByEvalEvenIfItHoldsOneSequence) {
  fs::create_directories(folder_ / "tree/category");
  fs::rename(write_tiny_scene(folder_), folder_ / "tree/category/scene");
  ASSERT_EQ(run({"baseline", "median", "--input", path("tree"), "--output", path("out"), "--layout",
                 "cdnet"})
                .code,
            0);
  EXPECT_TRUE(fs::exists(folder_ / "out/category/scene/bin000012.png"));
  const Outcome outcome =
      run({"eval", "--masks", path("out"), "--ground-truth", path("tree"), "--json"});
  ASSERT_EQ(outcome.code, 0) << outcome.err;
  EXPECT_EQ(nlohmann::json::parse(outcome.out).at("sequences").at(0).at("name"), "category/scene");
}

TEST_F(SegmentingCommands, AmongTheFramesIsRefused) {
  const std::string frames = write_still("frames", 4);
  expect_failure(
      ExitCode::kOutput, {"the frames of", frames},
      {"baseline", "median", "--input", frames, "--output", frames, "--save", "background-image"});
  EXPECT_EQ(listing(frames).size(), 4U);
}

TEST_F(SegmentingCommands, SaysWhenMasksCanHardlyBeRight) {
  const Outcome outcome = run(median(write_still("still", 6), {"--json"}));
  ASSERT_EQ(outcome.code, 0) << outcome.err;
  EXPECT_NE(outcome.err.find("no mask in any of 6 frames"), std::string::npos) << outcome.err;
  const auto result = nlohmann::json::parse(outcome.out).at(0);
  EXPECT_EQ(result.at("warnings").size(), 1U);
}

TEST_F(SegmentingCommands, CarryAllWarningsInTheirJson) {
  for (int i = 1; i <= 6; ++i) write_still("tree/a", i), write_still("tree/b", i);
  save_text(folder_ / "tree/b/f6.png", "no image");
  const Outcome outcome =
      run(median(path("tree"), {"--json", "--threads", "9", "--set", "input.on_error=skip"}));
  ASSERT_EQ(outcome.code, 0) << outcome.err;
  const auto results = nlohmann::json::parse(outcome.out);
  for (const auto& result : results) {
    EXPECT_THAT(result.at("warnings").dump(), HasSubstr("9 threads share")) << result;
    EXPECT_THAT(result.at("warnings").dump(), HasSubstr("no mask in any")) << result;
  }
  EXPECT_THAT(results.at(0).at("warnings").dump(), testing::Not(HasSubstr("f6.png")));
  EXPECT_THAT(results.at(1).at("warnings").dump(), HasSubstr("f6.png"));
}

TEST_F(SegmentingCommands, RefusesOptionsWithoutEffect) {
  const std::string frames = write_still("frames", 4);
  const auto refuses = [&](const std::string& what, const Arguments& arguments) {
    expect_failure(ExitCode::kUsage, {what}, arguments);
  };
  refuses("train.steps has no effect", median(frames, {"--set", "train.steps=5"}));
  refuses("seed has no effect", median(frames, {"--seed", "5"}));
  refuses("--layout cdnet", median(frames, {"--layout", "cdnet", "--save", "soft"}));
  refuses("--size", median(frames, {"--size", "32x24"}));
  refuses("--force has no effect",
          {"baseline", "median", "--input", frames, "--output", "-", "--force"});
  refuses("loss.l1.weight has no effect", {"infer", "--model", path("none"), "--input", frames,
                                           "--output", path("out"), "--set", "loss.l1.weight=1"});
  refuses("mask.threshold has no effect", {"export", path("none"), "--format", "state-dict",
                                           "--output", path("x"), "--set", "mask.threshold=0.4"});
  refuses("name of an image", {"eval", "--masks", path("out"), "--ground-truth", path("frames"),
                               "--csv", path("frames/f1.png")});
  EXPECT_FALSE(fs::exists(path("out")));
}

}  // namespace
}  // namespace proxseg
