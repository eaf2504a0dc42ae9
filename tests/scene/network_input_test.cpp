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

SceneState scene_of(int type, bool with_scale) {
  SceneState scene = {.background = random_image(type, 1)};
  if (!with_scale) return scene;
  scene.scale.create(6, 150, CV_32FC1);
  cv::RNG(2).fill(scene.scale, cv::RNG::UNIFORM, 0.05, 0.5);
  return scene;
}

TEST(DifferingArea, IsTheBoxAroundWhatDiffersInAnyChannelByMoreThanTheLimit) {
  for (const int type : {CV_8UC1, CV_8UC3}) {
    const cv::Mat background(60, 80, type, cv::Scalar::all(100));
    cv::Mat limit(60, 80, CV_8U, cv::Scalar(20)), image = background.clone();
    EXPECT_TRUE(differing_area(image, background, limit).empty());
    image(cv::Rect(10, 8, 5, 6)).setTo(cv::Scalar(121, 100, 100));
    image(cv::Rect(50, 40, 9, 7)).setTo(cv::Scalar::all(79));
    image(cv::Rect(30, 2, 8, 3)).setTo(cv::Scalar::all(120));   // not more
    image(cv::Rect(70, 20, 2, 1)).setTo(cv::Scalar::all(255));  // noise
    EXPECT_EQ(differing_area(image, background, limit), cv::Rect(10, 8, 49, 39));
    limit(cv::Rect(10, 8, 5, 6)) = 21;
    EXPECT_EQ(differing_area(image, background, limit), cv::Rect(50, 40, 9, 7));
  }
}

TEST(DifferingArea, HoldsTheSmallestObjects) {
  const cv::Mat background(60, 80, CV_8UC1, cv::Scalar(100)), limit(60, 80, CV_8U, cv::Scalar(20));
  for (const cv::Rect& object :
       {cv::Rect(30, 20, 2, 2), cv::Rect(30, 20, 1, 9), cv::Rect(30, 20, 5, 1),
        cv::Rect(0, 0, 2, 2), cv::Rect(78, 40, 2, 9)}) {
    cv::Mat image = background.clone();
    image(object) = 180;
    const cv::Rect found = differing_area(image, background, limit);
    EXPECT_EQ(found & object, found) << object;
    EXPECT_GE(found.area(), object.area() - 2) << object;
  }
}

TEST(DifferingArea, HoldsAllOfANarrowPicture) {
  for (const cv::Size size : {cv::Size(2, 1), cv::Size(1, 2), cv::Size(3, 1), cv::Size(1, 1)}) {
    EXPECT_EQ(differing_area(cv::Mat(size, CV_8UC1, cv::Scalar(200)),
                             cv::Mat(size, CV_8UC1, cv::Scalar(50)),
                             cv::Mat(size, CV_8UC1, cv::Scalar(10))),
              cv::Rect({}, size))
        << size;
  }
}

TEST(NetworkInputOfBytes, IsTheNetworkInputOfTheSceneAtItsGains) {
  for (const Form form : {Form::kSigned, Form::kMasked}) {
    for (const int type : {CV_8UC1, CV_8UC3}) {
      for (const bool with_scale : {false, true}) {
        const SceneTensors scene = to_tensors(scene_of(type, with_scale), {});
        const auto all =
            to_tensor({random_image(type, 3), random_image(type, 4), random_image(type, 5)});
        const auto bytes = all.narrow(0, 1, 2);
        const auto gains = torch::tensor({0.8F, 1.3F});
        const auto expected = network_input(form, to_unit_range(bytes), apply_gains(scene, gains));
        const auto input = network_input_of_bytes(form, bytes, scene, gains, torch::kFloat32);
        EXPECT_TRUE(torch::allclose(input, expected, 0.0, 1e-5));
        EXPECT_TRUE(
            torch::equal(network_input_of_bytes(form, bytes, scene, gains, torch::kBFloat16),
                         input.to(torch::kBFloat16)));
      }
    }
  }
}

TEST(NetworkInputOfBytes, IsTheSameOfPixelsAndOfPlanes) {
  for (const int type : {CV_8UC1, CV_8UC3}) {
    const SceneTensors scene = to_tensors(scene_of(type, true), {});
    const auto pixels = to_tensor({random_image(type, 3), random_image(type, 4)});
    const auto planes = pixels.clone(torch::MemoryFormat::Contiguous);
    const auto gains = torch::tensor({0.8F, 1.3F});
    for (const auto value : {torch::kFloat32, torch::kBFloat16}) {
      const auto of_pixels = network_input_of_bytes(Form::kMasked, pixels, scene, gains, value);
      const auto of_planes = network_input_of_bytes(Form::kMasked, planes, scene, gains, value);
      EXPECT_TRUE(torch::equal(of_pixels, of_planes));
      EXPECT_TRUE(of_planes.is_contiguous());
      EXPECT_TRUE(of_pixels.is_contiguous(torch::MemoryFormat::ChannelsLast));
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

}  // namespace
}  // namespace proxseg
