#include "proxseg/media/dataset.h"

#include <gmock/gmock.h>

#include <nlohmann/json.hpp>

#include "proxseg/media/inspect.h"
#include "proxseg/media/sequences.h"
#include "support/sequence_files.h"

namespace proxseg {
namespace {

namespace fs = std::filesystem;
using ::testing::ElementsAre;
using ::testing::HasSubstr;

class DatasetFolders : public testing::Test {
 protected:
  void save_image(const fs::path& path) const { save(folder_ / path, gray_image(0)); }

  // Two frames and their labels.
  void save_lasiesta(const fs::path& frames) const {
    const std::string name = frames.filename().string();
    for (const std::string number : {"9", "10"}) {
      save_image(frames / (name + "-" + number + ".bmp"));
      save_image(frames.string() + "-GT/" + name + "-GT_" + number + ".png");
    }
  }

  SequenceReport inspect(const std::string& path) const {
    return inspect_sequence((folder_ / path).string());
  }

  TemporaryFolder folder_;
};

TEST_F(DatasetFolders, LasiestaKeepsItsLabelsBesideTheFrames) {
  save_lasiesta("I_SI_01");
  for (const char* path : {"I_SI_01", "I_SI_01/"}) {
    const SequenceReport report = inspect(path);
    EXPECT_EQ(report.name, "I_SI_01");
    EXPECT_EQ(report.frames, 2);
    EXPECT_EQ(report.dataset, Dataset::kLasiesta) << path;
    EXPECT_THAT(to_text(report), HasSubstr("2 images: labels in colour, as in LASIESTA"));
    EXPECT_EQ(to_json(report)["ground_truth"]["dataset"], "lasiesta");
  }
  EXPECT_THAT(frame_names(folder_ / "I_SI_01"), ElementsAre("I_SI_01-9", "I_SI_01-10"));
  EXPECT_TRUE(has_labels(folder_ / "I_SI_01"));
  // The labels are no sequence with labels.
  EXPECT_FALSE(has_labels(folder_ / "I_SI_01-GT"));
}

TEST_F(DatasetFolders, LasiestaMayHaveBothInAFolderOfTheSameName) {
  save_lasiesta("I_SI_01/I_SI_01");
  const SequenceReport report = inspect("I_SI_01");
  EXPECT_EQ(report.name, "I_SI_01");
  EXPECT_EQ(report.ground_truth, 2);
  EXPECT_THAT(frame_names(folder_ / "I_SI_01"), ElementsAre("I_SI_01-9", "I_SI_01-10"));
}

TEST_F(DatasetFolders, ATreeMayBeOfAnyDataset) {
  save_lasiesta("indoor/I_SI_01/I_SI_01");
  save_lasiesta("outdoor/O_CL_01");
  save_image("basic/511/input/in000001.png");
  save_image("basic/511/GT_background1.jpg");
  std::vector<std::string> names;
  for (const auto& sequence : find_sequences(folder_.string())) names.push_back(sequence.name);
  EXPECT_THAT(names, ElementsAre("basic/511", "indoor/I_SI_01", "outdoor/O_CL_01"));
}

TEST_F(DatasetFolders, SbmnetHasImagesOfTheBackground) {
  save_image("511/input/in000001.png");
  save_image("511/GT_background1.jpg");
  save_image("511/GT_background2.jpg");
  save_image("sofa/input/in000001.png");
  save_image("sofa/GT/background.png");
  const SequenceReport report = inspect("511");
  EXPECT_EQ(report.dataset, Dataset::kSbmnet);
  EXPECT_EQ(report.frames, 1);
  EXPECT_THAT(to_text(report), HasSubstr("2 images of the background, as in SBMnet"));
  EXPECT_EQ(inspect("sofa").ground_truth, 1);
  EXPECT_FALSE(has_labels(folder_ / "511"));
}

TEST_F(DatasetFolders, CdnetHasLabelsAndAFolderOfFramesHasNone) {
  save_image("highway/input/in000001.png");
  save_image("highway/groundtruth/gt000001.png");
  save_image("mine/a.png");
  EXPECT_THAT(to_text(inspect("highway")), HasSubstr("1 images: labels, as in CDnet"));
  EXPECT_EQ(to_json(inspect("highway"))["ground_truth"]["images"], 1);
  EXPECT_TRUE(to_json(inspect("mine"))["ground_truth"].is_null());
  EXPECT_EQ(inspect("mine").dataset, Dataset::kNone);
}

}  // namespace
}  // namespace proxseg
