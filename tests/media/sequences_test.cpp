#include "proxseg/media/sequences.h"

#include <gmock/gmock.h>
#include <sys/stat.h>

#include <filesystem>
#include <opencv2/imgcodecs.hpp>

#include "proxseg/media/source.h"
#include "support/expect_error.h"
#include "support/logged.h"
#include "support/sequence_files.h"
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

TEST_F(Sequences, LinksThatLeadNowhereAreRefusedWithWhereTheyLead) {
  const std::string video = (folder / "lost.avi").string(), frames = (folder / "frames").string();
  fs::create_symlink("/gone/lost.avi", video);
  fs::create_directory(frames);
  fs::create_symlink("/gone/1.png", fs::path(frames) / "1.png");
  const std::vector<std::string> words = {"is a link to '/gone/", "is not there"};
  expect_error(ExitCode::kInput, words, [&] { open_source(find_sequences(video).at(0).path); });
  EXPECT_EQ(fingerprint_of(frames).files, 1);  // what is done about it is said where it is read
  expect_error(ExitCode::kInput, words, [&] { open_source(frames); });
  for (const char* several : {"*.avi", ""}) {
    const auto found = find_sequences((folder / several).string());
    ASSERT_FALSE(found.empty());
    expect_error(ExitCode::kInput, words, [&] { open_source(found.back().path); });
  }
}

TEST_F(Sequences, OfPipesAreRefusedAndNotWaitedFor) {
  for (const char* name : {"pipe.avi", "pipe.png", "pipe"}) {
    const std::string path = (folder / name).string();
    ASSERT_EQ(::mkfifo(path.c_str(), 0600), 0);
    expect_error(ExitCode::kInput, {name, "is a pipe or a device", "not a file"},
                 [&] { open_source(find_sequences(path).at(0).path); });
  }
}

TEST_F(Sequences, AreReadFromAListWithTheirNames) {
  const fs::path list = folder / "cameras";
  save_text(
      list,
      "# the house\n\ngate rtsp://gate/stream#1   # at the road\nyard\t/videos/my yard.mp4\r\n");
  const auto cameras = read_sequence_list(list);
  EXPECT_THAT(names(cameras), testing::ElementsAre("gate", "yard"));
  EXPECT_EQ(cameras[0].path, "rtsp://gate/stream#1");
  EXPECT_EQ(cameras[1].path, "/videos/my yard.mp4");
}

TEST_F(Sequences, OfAListAreRefusedByTheirLine) {
  const fs::path list = folder / "cameras";
  const auto expect_refusal = [&](ExitCode code, const char* text, const char* fragment) {
    save_text(list, text);
    expect_error(code, {fragment}, [&] { read_sequence_list(list); });
  };
  expect_refusal(ExitCode::kInput, "gate rtsp://a/b\nrtsp://c/d\n", "line 2");
  expect_refusal(ExitCode::kInput, "../gate rtsp://a/b\n", "line 1");
  expect_refusal(ExitCode::kInput, ".. rtsp://a/b\n", "line 1");
  expect_refusal(ExitCode::kInput, "# nothing\n", "no camera");
  expect_refusal(ExitCode::kUsage, "gate rtsp://a/b\ngate rtsp://c/d\n", "two inputs");
  expect_error(ExitCode::kInput, {"nowhere"}, [&] { read_sequence_list(folder / "nowhere"); });
}

// The name becomes a folder of the output: it must not lead out of it.
TEST_F(Sequences, ALinkInATreeIsNamedByItsPlaceThere) {
  const std::string bridge = sequence("elsewhere/bridge");
  fs::create_directories(folder / "links");
  fs::create_directory_symlink(bridge, folder / "links/mine");
  EXPECT_THAT(names(find_sequences((folder / "links").string())), testing::ElementsAre("mine"));
}

// Videos are told by their names; nothing is decoded.
TEST_F(Sequences, AFolderOfVideosFramesAndStacksIsATree) {
  for (const char* file : {"v/b2.mp4", "v/b10.AVI", "v/cam/night.mkv", "v/notes.txt", "v/.x.mp4"}) {
    save_text(folder / file, "");
  }
  save(folder / "v/frames/in1.png", gray_image(1));
  save(folder / "v/frames/mask/in1.png", gray_image(1));
  for (const char* name : {"v/stacks/s1.tif", "v/stacks/s2.tif"}) {
    fs::create_directories(folder / "v/stacks");
    cv::imwritemulti((folder / name).string(), std::vector{gray_image(1), gray_image(2)});
  }
  const auto found = find_sequences((folder / "v").string());
  EXPECT_THAT(names(found),
              testing::ElementsAre("b2", "b10", "cam/night", "frames", "stacks/s1", "stacks/s2"));
  EXPECT_EQ(found[2].path, folder / "v/cam/night.mkv");
  EXPECT_EQ(find_sequences((folder / "v/stacks").string())[1].path, folder / "v/stacks/s2.tif");
  expect_error(ExitCode::kInput, {"holds 6: b2, b10, cam/night, frames, stacks/s1, ..."},
               [&] { open_source((folder / "v").string()); });
}

TEST_F(Sequences, OwnMasksAndRunsAmongInputsAreNone) {
  for (const char* file : {"v/a.mp4", "v/out/a/segmentation.json", "v/out/a/overlay.mp4",
                           "v/run/provenance.json", "v/run/overlay.mp4"}) {
    save_text(folder / file, "");
  }
  save(folder / "v/out/a/mask/in1.png", gray_image(1));
  EXPECT_THAT(names(find_sequences((folder / "v").string())), testing::ElementsAre("a"));
  for (const char* file : {"d/s1/input/in1.png", "d/s1/mask/in1.png", "d/s2/input/in1.png"}) {
    save(folder / file, gray_image(1));
  }
  save_text(folder / "d/s1/segmentation.json", "");
  EXPECT_THAT(names(find_sequences((folder / "d").string())), testing::ElementsAre("s1", "s2"))
      << "masks may lie beside the frames of a sequence";
}

TEST_F(Sequences, BesideOwnResultsAreInputs) {
  for (const char* file :
       {"v/a.mp4", "v/b.mp4", "v/segmentation.json", "v/overlay.mp4", "v/cam/events.jsonl",
        "v/cam/masks/1.mkv", "v/cam/overlays/1.mp4", "v/cam/c.mp4", "v/cdnet/segmentation.json"}) {
    save_text(folder / file, "");
  }
  for (const char* file : {"v/mask/1.png", "v/background.png", "v/cdnet/bin000001.png"}) {
    save(folder / file, gray_image(1));
  }
  EXPECT_THAT(names(find_sequences((folder / "v").string())),
              testing::ElementsAre("a", "b", "cam/c"));
  EXPECT_THAT(names(find_sequences((folder / "v/mask").string())), testing::ElementsAre("mask"));
}

TEST_F(Sequences, InLinkedFoldersAreFoundOnce) {
  save_text(folder / "elsewhere/deep/a.mp4", "");
  save_text(folder / "v/here/b.mp4", "");
  fs::create_directory_symlink(folder / "elsewhere", folder / "v/linked");
  fs::create_directory_symlink(folder / "elsewhere", folder / "v/linked again");
  fs::create_directory_symlink(folder / "v/here", folder / "v/within");
  fs::create_directory_symlink("..", folder / "elsewhere/deep/up");
  fs::create_directory_symlink(folder / "v", folder / "elsewhere/deep/down");
  fs::create_directory_symlink("/gone", folder / "v/lost");
  EXPECT_THAT(names(find_sequences((folder / "v").string())),
              testing::ElementsAre("here/b", "linked/deep/a"));
  fs::create_directory_symlink(folder / "elsewhere/deep", folder / "v/earlier");
  EXPECT_THAT(names(find_sequences((folder / "v").string())),
              testing::ElementsAre("earlier/a", "here/b"));
}

TEST_F(Sequences, FilesOfOneNameKeepTheirExtensions) {
  for (const char* file : {"v/a.avi", "v/a.mp4", "v/b.mp4", "v/c.mp4"}) {
    save_text(folder / file, "");
  }
  save(folder / "v/c/in1.png", gray_image(1));
  EXPECT_THAT(names(find_sequences((folder / "v").string())),
              testing::UnorderedElementsAre("a.avi", "a.mp4", "b", "c", "c.mp4"));
  EXPECT_THAT(names(find_sequences((folder / "v/a.*").string())),
              testing::ElementsAre("a.avi", "a.mp4"));
  EXPECT_THAT(names(find_sequences({(folder / "v/a.avi").string(), (folder / "v/a.mp4").string()})),
              testing::ElementsAre("a.avi", "a.mp4"));
}

TEST_F(Sequences, VideosAmongFramesAreLeftOutWithAWord) {
  save(folder / "v/in1.png", gray_image(1));
  save_text(folder / "v/moves.gif", "");
  save(folder / "w/deep/in1.png", gray_image(1));
  save_text(folder / "w/deep/x.mp4", "");
  const auto warning = [&](const char* name) {
    return logged([&] { EXPECT_EQ(find_sequences((folder / name).string()).size(), 1U); });
  };
  EXPECT_THAT(warning("v"), testing::HasSubstr("moves.gif"));
  EXPECT_THAT(warning("w"), testing::HasSubstr("x.mp4"));
  fs::remove(folder / "v/moves.gif");
  EXPECT_EQ(warning("v"), "");
}

TEST_F(Sequences, ATreeOfADatasetIsThatAlone) {
  sequence("tree/baseline/alley");
  save(folder / "tree/pictures/a.png", gray_image(1));
  save_text(folder / "tree/about.mp4", "");
  EXPECT_THAT(names(find_sequences((folder / "tree").string())),
              testing::ElementsAre("baseline/alley"));
}

TEST_F(Sequences, AGlobOfVideosIsEachOfThem) {
  for (const char* file : {"v/a.avi", "v/b.avi", "v/x/c.avi", "v/d.mp4"}) {
    save_text(folder / file, "");
  }
  EXPECT_THAT(names(find_sequences((folder / "v/*.avi").string())), testing::ElementsAre("a", "b"));
  EXPECT_THAT(names(find_sequences((folder / "*/x/*").string())), testing::ElementsAre("v/x/c"));
  EXPECT_THAT(names(find_sequences((folder / "v*").string())),
              testing::ElementsAre("v/a", "v/b", "v/d", "v/x/c"));
  expect_error(ExitCode::kInput, {"v/*.mkv"},
               [&] { find_sequences((folder / "v/*.mkv").string()); });
}

TEST_F(Sequences, AnEmptyFolderIsRefused) {
  fs::create_directories(folder / "none/below");
  expect_error(ExitCode::kInput, {"no image and no video", "none"},
               [&] { find_sequences((folder / "none").string()); });
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
