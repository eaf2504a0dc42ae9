#include "proxseg/infer/segmenter.h"

#include <opencv2/imgproc.hpp>

#include "proxseg/synth/scene.h"
#include "support/expect_error.h"
#include "support/scene_files.h"

namespace proxseg {
namespace {

Recipe recipe(Form form = Form::kMasked) {
  Recipe r;
  r.model.form = form;
  r.model.unet.channels = 4;
  r.input.scale = 1.0;
  r.mask = {.threshold = 0.5, .median = 5, .min_area = 0, .fill_holes = 0};
  return r;
}

struct Scene {
  SynthScene scene{tiny_scene(3)};
  cv::Mat background = scene.background();
  std::vector<cv::Mat> frames = {scene.frame(0).image, scene.frame(1).image, scene.frame(2).image};
};

TEST(Segmenter, GivesEveryProductAtTheFramesSize) {
  const Scene s;
  for (const Form form : {Form::kMasked, Form::kSigned}) {
    for (const double scale : {1.0, 0.4}) {
      for (const int64_t channels : {1, 3}) {
        Recipe r = recipe(form);
        r.input.scale = scale;
        Segmenter segmenter(Model(r, channels));
        segmenter.set_scene(s.background);
        const auto results = segmenter.segment(s.frames);
        ASSERT_EQ(results.size(), 3U);
        const int type = channels == 1 ? CV_8UC1 : CV_8UC3;
        for (const auto& result : results) {
          EXPECT_EQ(result.mask.size(), s.background.size());
          EXPECT_EQ(result.mask.type(), CV_8UC1);
          EXPECT_EQ(result.soft.type(), CV_32FC1);
          EXPECT_EQ(result.background.type(), type);
          EXPECT_EQ(result.foreground.type(), type);
          EXPECT_EQ(cv::countNonZero((result.mask != 0) & (result.mask != 255)), 0);
        }
      }
    }
  }
}

TEST(Segmenter, BatchesDoNotChangeTheResult) {
  const Scene s;
  Segmenter segmenter(Model(recipe(), 3));
  segmenter.set_scene(s.background);
  const auto together = segmenter.segment(s.frames);
  for (size_t i = 0; i < s.frames.size(); ++i) {
    const auto alone = segmenter.segment({s.frames[i]});
    EXPECT_LT(cv::norm(alone[0].soft, together[i].soft, cv::NORM_INF), 1e-4);
  }
}

TEST(Segmenter, NothingOutsideTheRoi) {
  const Scene s;
  cv::Mat roi(s.background.size(), CV_8UC1, cv::Scalar(255));
  roi.colRange(0, 20) = 0;
  Recipe r = recipe();
  r.mask.threshold = 0.0;
  Segmenter segmenter(Model(r, 3));
  segmenter.set_scene(s.background, roi);
  const auto result = segmenter.segment(s.frames).front();
  EXPECT_EQ(cv::countNonZero(result.mask.colRange(0, 18)), 0);
  EXPECT_GT(cv::countNonZero(result.mask.colRange(22, 48)), 0);
}

TEST(Segmenter, RefusesFramesOfAnotherSizeAndNeedsAScene) {
  const Scene s;
  Segmenter segmenter(Model(recipe(), 3));
  expect_error(ExitCode::kUsage, {"set_scene"}, [&] { segmenter.segment(s.frames); });
  segmenter.set_scene(s.background);
  expect_error(ExitCode::kUsage, {"10 x 8", "48"},
               [&] { segmenter.segment({cv::Mat(8, 10, CV_8UC3)}); });
}

}  // namespace
}  // namespace proxseg
