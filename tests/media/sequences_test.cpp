#include "proxseg/media/sequences.h"

#include <gmock/gmock.h>

#include <filesystem>
#include <opencv2/imgcodecs.hpp>

#include "support/expect_error.h"
#include "support/temporary_folder.h"

namespace proxseg {
namespace {
namespace fs = std::filesystem;

struct Sequences : testing::Test {
  std::string sequence(const std::string& path) {
    fs::create_directories(folder / path / "input");
    cv::imwrite((folder / path / "input/in000001.png").string(), cv::Mat(4, 6, CV_8UC1));
    return (folder / path).string();
  }
  static std::vector<std::string> names(const std::vector<NamedSequence>& sequences) {
    std::vector<std::string> names;
    for (const NamedSequence& sequence : sequences) names.push_back(sequence.name);
    return names;
  }
  const TemporaryFolder folder;
};

TEST_F(Sequences, APathIsOneOrATreeOfThem) {
  const std::string bridge = sequence("tree/shadow/bridge"),
                    alley = sequence("tree/baseline/alley");
  EXPECT_THAT(names(find_sequences((folder / "tree").string())),
              testing::ElementsAre("baseline/alley", "shadow/bridge"));
  EXPECT_EQ(find_sequences((folder / "tree").string())[0].path, alley);
  EXPECT_THAT(names(find_sequences(bridge)), testing::ElementsAre("bridge"));
  expect_error(ExitCode::kInput, {"nowhere"},
               [&] { find_sequences((folder / "nowhere").string()); });
}

// The name becomes a folder of the output: it must not lead out of it.
TEST_F(Sequences, ALinkInATreeIsNamedByItsPlaceThere) {
  const std::string bridge = sequence("elsewhere/bridge");
  fs::create_directories(folder / "links");
  fs::create_directory_symlink(bridge, folder / "links/mine");
  EXPECT_THAT(names(find_sequences((folder / "links").string())), testing::ElementsAre("mine"));
}

TEST_F(Sequences, OfSeveralPathsHaveDifferentNames) {
  const std::vector<std::string> paths = {sequence("b/one"), sequence("a/two")};
  EXPECT_THAT(names(find_sequences(paths)), testing::ElementsAre("one", "two"));
  expect_error(ExitCode::kUsage, {"two inputs are named 'one'"}, [&] {
    find_sequences({paths[0], sequence("a/one")});
  });
}

}  // namespace
}  // namespace proxseg
