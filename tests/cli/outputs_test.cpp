// Files that a command writes beside others of the user.
#include <gmock/gmock.h>

#include <filesystem>

#include "support/program.h"
#include "support/scene_files.h"
#include "support/sequence_files.h"

namespace proxseg {
namespace {

namespace fs = std::filesystem;

class Outputs : public Program {
 protected:
  // The command is refused for that file, which stays as it is.
  void expect_kept(const std::string& file, const Arguments& arguments) const {
    const std::string before = read_file(file);
    expect_failure(ExitCode::kOutput, {file}, arguments);
    EXPECT_TRUE(read_file(file) == before) << file;
  }

  const std::string scene_ = write_tiny_scene(folder_);
};

TEST_F(Outputs, TablesReplaceNeitherInputsNorTheirFiles) {
  const std::string tracks = path("tracks.txt"), masks = path("out"),
                    frames = scene_ + "/temporalROI.txt";
  save_text(tracks, "1,1,10,10,20,20,1,-1,-1,-1\n");
  expect_kept(tracks, {"eval", "--tracks", tracks, "--truth", tracks, "--csv", tracks});
  ASSERT_EQ(run({"baseline", "median", "--input", scene_, "--output", masks}).code, 0);
  save_text(frames, "1 12\n");
  const auto eval_into = [&](const char* option, const std::string& file) {
    return Arguments{"eval", "--masks", masks, "--ground-truth", scene_, option, file};
  };
  expect_kept(frames, eval_into("--csv", frames));
  expect_kept(masks + "/segmentation.json", eval_into("--markdown", masks + "/segmentation.json"));
  for (int time = 0; time < 2; ++time) {
    EXPECT_EQ(run(eval_into("--csv", masks + "/table.csv")).code, 0);
    EXPECT_EQ(run(eval_into("--markdown", masks + "/table.md")).code, 0);
  }
}

TEST_F(Outputs, PagesReplaceOnlyPagesOfTheProgram) {
  const std::string run_folder = path("run"), page = run_folder + "/report.html";
  ASSERT_EQ(run(quick({"train", "--input", scene_, "--output", run_folder})).code, 0);
  expect_kept(run_folder + "/config.json",
              {"report", run_folder, "--output", run_folder + "/config.json"});
  for (int time = 0; time < 2; ++time) EXPECT_EQ(run({"report", run_folder}).code, 0);
  save_text(page, "<!doctype html><title>mine</title>");
  expect_kept(page, {"report", run_folder});
  save_text(path("sheet/index.html"), "<!doctype html><title>mine</title>");
  expect_kept(path("sheet/index.html"), {"screen", scene_, "--output", path("sheet")});
}

TEST_F(Outputs, AreNotNamedLikeStandardOutput) {
  const std::string run_folder = path("run");
  ASSERT_EQ(run(quick({"train", "--input", scene_, "--output", run_folder})).code, 0);
  for (const Arguments& arguments :
       {Arguments{"eval", "--masks", run_folder, "--ground-truth", scene_, "--csv", "-"},
        {"report", run_folder, "--output", "-"},
        {"sweep", "best", run_folder, "--config-out", "-"},
        {"export", run_folder, "--format", "onnx", "--output", "-"}}) {
    expect_failure(ExitCode::kUsage, {"'-'"}, arguments);
  }
  EXPECT_FALSE(fs::exists("-"));
}

}  // namespace
}  // namespace proxseg
