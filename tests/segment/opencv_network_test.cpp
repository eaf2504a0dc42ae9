#include "proxseg/segment/opencv_network.h"

#include "proxseg/nn/export/export.h"
#include "support/expect_error.h"
#include "support/settled_network.h"

namespace proxseg {
namespace {

struct Variant {
  const char* name;
  UNetOptions options;
};
constexpr Variant kVariants[] = {
    {"plain", {.in_channels = 2, .channels = 4}},
    {"unshuffle by 2", {.in_channels = 6, .channels = 8, .pixel_unshuffle = 2, .out_bias = true}},
    {"unshuffle by 4",
     {.in_channels = 3, .out_channels = 3, .channels = 4, .depth = 1, .pixel_unshuffle = 4}},
    {"detail", {.in_channels = 3, .channels = 4, .pixel_unshuffle = 2, .detail = true}},
    {"no norm", {.channels = 4, .depth = 3, .norm = Norm::kNone}},
    {"DeepLS", {.channels = 8, .padding = Padding::kReflect, .skip = Skip::kDifference}}};

TEST(OpenCvNetwork, GivesTheNetworksOutputAtAnySize) {
  torch::NoGradGuard no_grad;
  for (const auto& [name, options] : kVariants) {
    SCOPED_TRACE(name);
    UNet network = settled(options);
    OpenCvNetwork other(to_onnx(network, {{"recipe", "{}"}}), options);
    for (const auto& [n, h, w] : {std::tuple{2, 32, 48}, {1, 37, 33}, {3, 64, 32}}) {
      const auto x = torch::rand({n, options.in_channels, h, w}) * 2.0 - 1.0;
      const auto expected = network.forward(x), actual = other.forward(x);
      ASSERT_EQ(actual.sizes(), expected.sizes());
      EXPECT_LT((actual - expected).abs().max().item<double>(), 1e-4) << h << " x " << w;
    }
  }
}

TEST(OpenCvNetwork, RefusesWhatIsNotOnnxAndOtherInputs) {
  const UNetOptions options = {.in_channels = 2, .channels = 4};
  expect_error(ExitCode::kModel, {"OpenCV cannot read"},
               [&] { OpenCvNetwork("not a network", options); });
  OpenCvNetwork network(to_onnx(UNet(options, 1)), options);
  expect_error(ExitCode::kUsage, {"[N, 2, H, W]", "[1, 3, 8, 8]"}, [&] {
    network.forward(torch::zeros({1, 3, 8, 8}));
  });
}

TEST(OpenCvNetwork, RefusesFramesTooSmallToReflect) {
  torch::NoGradGuard no_grad;
  const UNetOptions options = {.in_channels = 2, .channels = 4, .padding = Padding::kReflect};
  UNet network = settled(options);
  OpenCvNetwork other(to_onnx(network), options);
  const int64_t stride = stride_of(options);
  for (const auto& [h, w] : {std::pair{stride, 4 * stride}, {4 * stride, stride - 1}}) {
    const auto small = torch::zeros({1, 2, h, w});
    expect_error(ExitCode::kUsage, {"opencv-dnn", "reflect"}, [&] { other.forward(small); });
  }
  const auto x = torch::rand({1, 2, stride + 1, stride + 1});
  EXPECT_LT((other.forward(x) - network.forward(x)).abs().max().item<double>(), 1e-4);
}

}  // namespace
}  // namespace proxseg
