#include "proxseg/segment/segmenter.h"

#include <gtest/gtest.h>

#include "support/scene_files.h"
#include "support/video_files.h"

namespace proxseg {
namespace {

TEST(SceneOf, IsThatOfAllFramesThoughItReadsAFewOfThem) {
  const TemporaryFolder folder;
  const std::string sequence = write_tiny_scene(folder, 12);
  for (const int64_t frames : {5, 12, 200}) {
    BackgroundOptions options;
    options.frames = frames;
    const SceneState expected = model_scene(*open_source(sequence), options).states[0];
    const SceneModel model = scene_of(open_source(sequence, {.range = "2:4"})->info(), options);
    const SceneState& scene = model.states[0];
    EXPECT_EQ(cv::norm(scene.background, expected.background, cv::NORM_INF), 0) << frames;
    EXPECT_EQ(cv::norm(scene.scale, expected.scale, cv::NORM_INF), 0) << frames;
  }
}

TEST(SceneOf, IsThatOfAVideoHoweverManyFramesItAnnounces) {
  const TemporaryFolder folder;
  std::vector<cv::Mat> images;
  const auto scene = open_source(write_tiny_scene(folder, 12));
  while (const auto frame = scene->next()) images.push_back(frame->image);
  const std::string video = (folder / "video.avi").string();
  write_avi(video, images);
  for (const uint32_t announced : {12U, 3000U}) {
    announce_in_avi(video, announced);
    for (const int64_t frames : {5, 200}) {
      BackgroundOptions options;
      options.frames = frames;
      const SceneState expected = model_scene(*open_source(video), options).states[0];
      const SceneState state = scene_of(open_source(video)->info(), options).states[0];
      EXPECT_EQ(cv::norm(state.background, expected.background, cv::NORM_INF), 0) << announced;
      EXPECT_EQ(cv::norm(state.scale, expected.scale, cv::NORM_INF), 0) << announced;
    }
  }
}

}  // namespace
}  // namespace proxseg
