#include "proxseg/scene/network_input.h"

#include <torch/types.h>

#include "proxseg/scene/decomposition.h"
#include "proxseg/scene/tensors.h"
#include "support/expect_error.h"

namespace proxseg {
namespace {

cv::Mat random_image(int type, uint64_t seed) {
  cv::Mat image(6, 150, type);
  cv::RNG(seed).fill(image, cv::RNG::UNIFORM, 0, 256);
  return image;
}

SceneModel scene_of(int type, bool with_scale) {
  SceneModel scene = {random_image(type, 1), {}, nullptr};
  if (!with_scale) return scene;
  scene.scale.create(6, 150, CV_32FC1);
  cv::RNG(2).fill(scene.scale, cv::RNG::UNIFORM, 0.05, 0.5);
  return scene;
}

TEST(NetworkInput, IsWhatTheNetworkIsTrainedOn) {
  for (const Form form : {Form::kSigned, Form::kMasked}) {
    for (const int type : {CV_8UC1, CV_8UC3}) {
      for (const bool with_scale : {false, true}) {
        const SceneModel scene = scene_of(type, with_scale);
        const cv::Mat image = random_image(type, 3);
        const float gain = 1.3F;
        const NetworkInput input(form, scene);
        const auto written = torch::empty({6, 150, input.channels()});
        input.write(image, gain, written);
        const auto expected = network_input(form, to_unit_range(to_tensor({image})),
                                            lit(to_tensors(scene, {}), torch::tensor({gain})));
        ASSERT_EQ(expected.size(1), input.channels());
        EXPECT_LT((written.permute({2, 0, 1}) - expected[0]).abs().max().item<double>(), 1e-5);
        const auto rounded = torch::empty_like(written, torch::kBFloat16);
        input.write(image, gain, rounded);
        EXPECT_TRUE(torch::equal(rounded, written.to(torch::kBFloat16)));
      }
    }
  }
}

TEST(NetworkInput, RefusesOtherImages) {
  const NetworkInput input(Form::kMasked, scene_of(CV_8UC3, true));
  const auto nothing = torch::empty({6, 150, 6});
  for (const cv::Mat& image : {random_image(CV_8UC1, 3), cv::Mat(5, 150, CV_8UC3)}) {
    expect_error(ExitCode::kUsage, {"NetworkInput"}, [&] { input.write(image, 1.0, nothing); });
  }
}

}  // namespace
}  // namespace proxseg
