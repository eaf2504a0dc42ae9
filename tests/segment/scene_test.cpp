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

TEST(PartsOf, AreEquallyLongAndAboutAsLongAsAPeriod) {
  SequenceInfo recording;
  recording.kind = SequenceKind::kVideo;
  recording.seconds = 100.0;
  recording.frames = 2500;
  const auto parts_by = [&](double period) {
    BackgroundOptions options;
    options.period = period;
    return parts_of(recording, options);
  };
  EXPECT_EQ(parts_by(0.0).size(), 1U);
  EXPECT_EQ(parts_by(1000.0).size(), 1U);
  EXPECT_EQ(parts_by(70.0).size(), 1U);
  EXPECT_EQ(parts_by(66.0).size(), 2U);
  const auto parts = parts_by(33.0);
  ASSERT_EQ(parts.size(), 3U);
  EXPECT_EQ(parts[0].start, 0.0);
  EXPECT_EQ(parts[0].end, parts[1].start);
  EXPECT_NEAR(parts[1].end, 200.0 / 3.0, 1e-9);
  EXPECT_GT(parts[2].end, 1e9) << "a container may announce less than it has";
  EXPECT_EQ(parts_by(1e-9).size(), 50U) << "a quarter of 200 frames in each";
  recording.frames = 100;
  EXPECT_EQ(parts_by(33.0).size(), 2U);
  recording.seconds = 0.0;
  recording.frames = 2500;  // of a usual camera
  EXPECT_EQ(parts_by(33.0).size(), 3U);
  recording.kind = SequenceKind::kStream;
  EXPECT_EQ(parts_by(33.0).size(), 1U);
  recording.kind = SequenceKind::kFolder;
  for (const auto method : {BackgroundMethod::kFirst, BackgroundMethod::kFile}) {
    BackgroundOptions options;
    options.period = 33.0;
    options.method = method;
    EXPECT_EQ(parts_of(recording, options).size(), 1U);
  }
}

// Key frames of the part are enough, or are not.
TEST(SceneOf, IsThatOfAPart) {
  const TemporaryFolder folder;
  const std::string video = (folder / "video.mkv").string();
  VideoWriter writer(video, {64, 48}, 25.0);
  for (int i = 0; i < 40; ++i)
    writer.write(cv::Mat(48, 64, CV_8UC1, cv::Scalar(i < 25 ? 40 : 160)));
  writer.close();
  SequenceInfo info = open_source(video)->info();
  const auto gray_of = [&](const Span& part, int64_t frames) {
    info.part = part;
    BackgroundOptions options;
    options.frames = frames;
    return cv::mean(scene_of(info, options).background())[0];
  };
  for (const int64_t frames : {2, 50}) {
    EXPECT_NEAR(gray_of({}, frames), 40.0, 2.0) << frames;
    EXPECT_NEAR(gray_of({0.0, 0.96}, frames), 40.0, 2.0) << frames;
    EXPECT_NEAR(gray_of({1.04, 1.6}, frames), 160.0, 2.0) << frames;
  }
  EXPECT_NEAR(gray_of({1.4, 1.6}, 200), 40.0, 2.0) << "of five frames alone it would know little";
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
