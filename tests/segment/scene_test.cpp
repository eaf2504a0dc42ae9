#include "proxseg/segment/segmenter.h"

#include <gtest/gtest.h>

#include "proxseg/media/sink.h"
#include "proxseg/media/stream.h"
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

// Which are enough: those between them need not be decoded.
TEST(SceneOf, IsThatOfAVideosKeyFrames) {
  const TemporaryFolder folder;
  const std::string video = (folder / "video.mp4").string();
  VideoWriter writer(video, {64, 48}, 25.0);
  for (int i = 0; i < 40; ++i) {  // with cuts, at which encoders begin anew
    writer.write(cv::Mat(48, 64, CV_8UC3, cv::Scalar::all(i < 25 ? 10 + i : 200 - i)));
  }
  writer.close();
  const SequenceInfo info = open_source(video)->info();
  const int64_t keys = count_key_frames(info);
  ASSERT_GE(keys, 2);
  ASSERT_LT(keys, 40);
  BackgroundOptions options;
  const auto background_of = [&](FrameSource& source) {
    return model_scene(source, options).background();
  };
  options.frames = 2 * keys;
  EXPECT_EQ(cv::norm(scene_of(info, options).background(), background_of(*open_key_frames(info)),
                     cv::NORM_INF),
            0);
  options.frames = 2 * keys + 1;
  EXPECT_EQ(cv::norm(scene_of(info, options).background(), background_of(*open_source(video)),
                     cv::NORM_INF),
            0);
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
