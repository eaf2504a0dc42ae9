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

TEST(NetworkInputOfBytes, IsTheNetworkInputOfTheLitScene) {
  for (const Form form : {Form::kSigned, Form::kMasked}) {
    for (const int type : {CV_8UC1, CV_8UC3}) {
      for (const bool with_scale : {false, true}) {
        const SceneTensors scene = to_tensors(scene_of(type, with_scale), {});
        const auto all =
            to_tensor({random_image(type, 3), random_image(type, 4), random_image(type, 5)});
        const auto bytes = all.narrow(0, 1, 2);
        const auto gains = torch::tensor({0.8F, 1.3F});
        const auto expected = network_input(form, to_unit_range(bytes), lit(scene, gains));
        const auto input = network_input_of_bytes(form, bytes, scene, gains, torch::kFloat32);
        EXPECT_TRUE(torch::allclose(input, expected, 0.0, 1e-5));
        EXPECT_TRUE(
            torch::equal(network_input_of_bytes(form, bytes, scene, gains, torch::kBFloat16),
                         input.to(torch::kBFloat16)));
      }
    }
  }
}

TEST(NetworkInputOfBytes, RefusesASceneOfAnotherSize) {
  const SceneTensors scene = to_tensors(scene_of(CV_8UC3, true), {});
  const auto bytes = torch::zeros({2, 3, 6, 149}, torch::kUInt8);
  expect_error(ExitCode::kUsage, {"background", "149"}, [&] {
    network_input_of_bytes(Form::kMasked, bytes, scene, torch::ones(2), torch::kFloat32);
  });
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
