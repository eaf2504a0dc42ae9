#include "proxseg/nn/export/export.h"

#include "nn/export/onnx_graph.h"
#include "nn/normalisation.h"
#include "support/expect_error.h"
#include "support/settled_network.h"

namespace proxseg {
namespace {

UNetOptions small_network() {
  UNetOptions options;
  options.in_channels = 2;
  options.channels = 4;
  return options;
}

// One network of each kind.
std::vector<UNetOptions> variants() {
  std::vector<UNetOptions> list(8, small_network());
  list[1].pixel_unshuffle = 2;
  list[1].out_bias = true;
  list[2].norm = Norm::kGroup;
  list[2].channels = 12;
  list[3].norm = Norm::kNone;
  list[4].padding = Padding::kReflect;
  list[5].skip = Skip::kDifference;
  list[6].pixel_unshuffle = 4;
  list[6].out_channels = 3;
  list[6].depth = 1;
  list[7].pixel_unshuffle = 2;
  list[7].detail = true;
  return list;
}

TEST(TorchScript, GivesTheNetworksOutputAtAnySize) {
  torch::NoGradGuard no_grad;
  for (const UNetOptions& options : variants()) {
    UNet network = settled(options);
    const std::string bytes = to_torchscript(network);
    for (const auto& [h, w] : {std::pair{32, 48}, {37, 33}}) {
      const auto x = torch::rand({2, 2, h, w});
      const auto difference = forward_torchscript(bytes, x) - network.forward(x);
      EXPECT_LT(difference.abs().max().item<double>(), 1e-5);
    }
  }
}

TEST(StateDict, RoundTrips) {
  const UNet network = settled(small_network());
  UNet other(small_network(), 2);
  load_state(other, parse_state_dict(to_state_dict(network)), "state");
  const auto expected = network.state(), actual = other.state();
  for (size_t i = 0; i < expected.size(); ++i) {
    EXPECT_TRUE(torch::equal(actual[i].second, expected[i].second)) << expected[i].first;
  }
}

TEST(Onnx, RefusesGroupNorms) {
  UNetOptions options = small_network();
  options.norm = Norm::kGroup;
  expect_error(ExitCode::kUsage, {"group norms"}, [&] { to_onnx(UNet(options, 1)); });
}

TEST(Export, RefusesFoldedNetworks) {
  UNet network = settled(small_network());
  network.fold_norms();
  expect_error(ExitCode::kUsage, {"folded norms"}, [&] { to_onnx(network); });
  expect_error(ExitCode::kUsage, {"folded norms"}, [&] { to_torchscript(network); });
  expect_error(ExitCode::kUsage, {"folded norms"}, [&] { to_state_dict(network); });
}

TEST(Parity, IsTheLargestDifferenceAndRefusedIfLarge) {
  UNet network = settled(small_network());
  EXPECT_EQ(check_parity(network, [&](const torch::Tensor& x) { return network.forward(x); }), 0.0);
  const auto changed = [&](double by) {
    return [&network, by](const torch::Tensor& x) { return network.forward(x) + by; };
  };
  EXPECT_NEAR(check_parity(network, changed(-5e-4)), 5e-4, 1e-6);
  expect_error(ExitCode::kNumerics, {"differs from the network by 1"},
               [&] { check_parity(network, changed(1.0)); });
}

TEST(Protobuf, WritesTheWireFormat) {
  ProtobufMessage message;
  message.add_integer(1, 150);  // the examples of protobuf's encoding guide
  message.add_bytes(2, "testing");
  EXPECT_EQ(message.bytes(), "\x08\x96\x01\x12\x07testing");
  ProtobufMessage negative;
  negative.add_integer(1, -2);
  EXPECT_EQ(negative.bytes(), "\x08\xfe\xff\xff\xff\xff\xff\xff\xff\xff\x01");
}

TEST(GroupCount, DividesTheChannels) {
  EXPECT_EQ(group_count(16), 8);
  EXPECT_EQ(group_count(12), 6);
  EXPECT_EQ(group_count(4), 4);
  EXPECT_EQ(group_count(7), 7);
  EXPECT_EQ(group_count(11), 1);
}

}  // namespace
}  // namespace proxseg
