#include <gtest/gtest.h>

#include "proxseg/media/sink.h"
#include "support/expect_error.h"
#include "support/sequence_files.h"

namespace proxseg {
namespace {

namespace fs = std::filesystem;

struct OutputsApartFromInputs : testing::Test {
  OutputsApartFromInputs() {
    for (const char* frames : {"frames", "highway/input", "out/mask"}) {
      save(folder / frames / "in000001.png", gray_image(1));
    }
    save_text(folder / "clip.avi", "a video");
    fs::create_directory_symlink(folder / "frames", folder / "link");
    fs::create_hard_link(folder / "clip.avi", folder / "other.avi");
  }

  std::string at(const std::string& name) const { return (folder / name).string(); }

  void expect_refused(const std::string& output, const std::string& input) const {
    expect_error(ExitCode::kOutput, {at(output), input},
                 [&] { expect_apart({at(output)}, {}, input); });
  }

  TemporaryFolder folder;
};

TEST_F(OutputsApartFromInputs, AreRefusedAmongTheFrames) {
  expect_refused("frames", at("frames"));
  expect_refused("frames/", at("frames"));
  expect_refused("link", at("frames"));
  expect_refused("frames", at("link"));
  expect_refused("frames", at("frames/*.png"));
  expect_refused("frames/../frames", at("frames/in000001.png"));
  expect_refused("highway/input", at("highway"));
  expect_refused("frames/input", at("frames"));  // by which it would be a CDnet sequence
  expect_refused("out/mask", at("out/mask"));
  expect_refused("frames/new", at("*/*/*.png"));
}

TEST_F(OutputsApartFromInputs, MayLieBesideOrBelowTheFrames) {
  for (const char* output : {"frames/run", "highway", "highway/run", "out", "new"}) {
    EXPECT_NO_THROW(expect_apart({at(output)}, {}, at("frames"))) << output;
  }
  EXPECT_NO_THROW(expect_apart({at("highway")}, {}, at("highway")));
  EXPECT_NO_THROW(expect_apart({at("")}, {}, at("clip.avi")));
  EXPECT_NO_THROW(expect_apart({at("frames")}, {}, "-"));
}

TEST_F(OutputsApartFromInputs, NeverReplaceAnInputFile) {
  for (const char* file : {"clip.avi", "other.avi"}) {
    expect_error(ExitCode::kOutput, {at(file), "would replace the input"},
                 [&] { expect_apart({}, {at(file)}, at("clip.avi")); });
  }
  EXPECT_NO_THROW(expect_apart({}, {at("new.avi")}, at("clip.avi")));
}

}  // namespace
}  // namespace proxseg
