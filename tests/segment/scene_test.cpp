#include "proxseg/segment/segmenter.h"

#include <gtest/gtest.h>

#include "support/scene_files.h"

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

}  // namespace
}  // namespace proxseg
