#include "proxseg/nn/unet.h"

#include "support/expect_error.h"

namespace proxseg {
namespace {

UNetOptions small() {
  UNetOptions options;
  options.channels = 4;
  return options;
}

torch::Tensor input(int64_t n, int64_t c, int64_t h, int64_t w) {
  torch::manual_seed(5);
  return torch::rand({n, c, h, w});
}

TEST(UNet, HasTheParametersOfDeepLS) {
  UNetOptions options;
  options.channels = 32;
  options.padding = Padding::kReflect;
  options.skip = Skip::kDifference;
  EXPECT_EQ(UNet(options, 1).parameter_count(), 333728);
  options.channels = 16;
  EXPECT_EQ(UNet(options, 1).parameter_count(), 83920);
}

TEST(UNet, KeepsAnySizeOfTheInput) {
  torch::NoGradGuard no_grad;
  for (const auto padding : {Padding::kZeros, Padding::kReflect}) {
    for (const int64_t unshuffle : {1, 2, 4}) {
      UNetOptions options = small();
      options.padding = padding;
      options.pixel_unshuffle = unshuffle;
      options.in_channels = 2;
      UNet network(options, 1);
      network.train(false);
      for (const auto& [h, w] : {std::pair{119, 161}, {1, 1}, {3, 17}, {16, 16}, {1, 40}}) {
        const auto y = network.forward(input(2, 2, h, w));
        EXPECT_EQ(y.sizes(), torch::IntArrayRef({2, 1, h, w}));
        EXPECT_TRUE(torch::isfinite(y).all().item<bool>());
      }
    }
  }
}

// Over many networks, whose weights are random: some see that far, none further.
TEST(UNet, ReachesAsFarAsItSays) {
  torch::NoGradGuard no_grad;
  constexpr int64_t kSide = 288, kMiddle = 144;
  for (const int64_t depth : {1, 2, 3}) {
    for (const int64_t unshuffle : {1, 2}) {
      for (const Skip skip : {Skip::kConcat, Skip::kDifference}) {
        UNetOptions options = small();
        options.depth = depth;
        options.pixel_unshuffle = unshuffle;
        options.skip = skip;
        const int64_t reach = reach_of(options);
        int64_t furthest = 0;
        for (uint64_t seed = 1; seed <= 4; ++seed) {
          UNet network(options, seed);
          network.train(false);
          const auto x = input(1, 1, kSide, kSide);
          auto changed = x.clone();
          changed[0][0][kMiddle][kMiddle] += 1e4;
          const auto moved = (network.forward(changed) != network.forward(x))[0][0].nonzero();
          furthest = std::max(furthest, (moved - kMiddle).abs().max().item<int64_t>());
        }
        EXPECT_LE(furthest, reach) << depth << " " << unshuffle;
        EXPECT_GE(furthest, reach / 2) << depth << " " << unshuffle;
      }
    }
  }
  UNetOptions group = small();
  group.norm = Norm::kGroup;
  EXPECT_GT(reach_of(group), 1 << 20);
}

TEST(UNet, PaddingRepeatsTheLastRowAndColumn) {
  for (const bool channels_last : {false, true}) {
    auto x = torch::arange(2 * 3 * 5 * 6, torch::kFloat32).reshape({2, 3, 5, 6});
    if (channels_last) x = x.contiguous(torch::MemoryFormat::ChannelsLast);
    const auto y = pad_to_stride(x, 4);
    EXPECT_TRUE(torch::equal(y, torch::replication_pad2d(x.contiguous(), {0, 2, 0, 3})));
    EXPECT_EQ(y.is_contiguous(torch::MemoryFormat::ChannelsLast), channels_last);
    EXPECT_TRUE(pad_to_stride(y, 4).is_same(y));
  }
}

TEST(UNet, InBFloat16IsNearlyTheSame) {
  torch::NoGradGuard no_grad;
  for (const auto padding : {Padding::kZeros, Padding::kReflect}) {
    UNetOptions options = small();
    options.padding = padding;
    options.pixel_unshuffle = 2;
    UNet network(options, 1);
    const auto x = input(2, 1, 37, 50);
    network.fold_norms();
    const auto expected = network.forward(x);
    network.use_bfloat16();
    const auto y = network.forward(x);
    EXPECT_EQ(y.scalar_type(), torch::kFloat32);
    EXPECT_FALSE(torch::equal(y, expected));
    EXPECT_LT((y - expected).abs().max().item<double>(),
              0.05 * expected.abs().max().item<double>());
  }
}

TEST(UNet, TakesImagesInBFloat16) {
  torch::NoGradGuard no_grad;
  for (const int64_t unshuffle : {1, 2}) {
    UNetOptions options = small();
    options.pixel_unshuffle = unshuffle;
    UNet network(options, 1);
    network.train(false);
    const auto x = input(2, 1, 37, 50).to(torch::kBFloat16);
    for (const bool fold : {false, true}) {
      if (fold) network.fold_norms();
      const auto y = network.forward(x);
      EXPECT_EQ(y.scalar_type(), torch::kFloat32);
      EXPECT_TRUE(torch::equal(y, network.forward(x.to(torch::kFloat32))));
    }
  }
}

TEST(UNet, DetailLetsEachPixelsMagnitudeReachItsOwnOutput) {
  torch::NoGradGuard no_grad;
  UNetOptions options = small();
  options.pixel_unshuffle = 2;
  options.detail = true;
  UNet network(options, 1);
  network.train(false);
  for (const auto& [name, weights] : network.state()) {
    if (name != "output.weight") continue;
    weights.zero_();
    const int64_t first = weights.size(1) - 4;  // of the four pixels of each cell
    for (int64_t i = 0; i < 4; ++i) weights[i][first + i] = 2.0;
  }
  const auto x = input(2, 1, 24, 24) - 0.5;
  EXPECT_LT((network.forward(x) - 2.0 * x.abs()).abs().max().item<double>(), 1e-6);
}

TEST(UNet, EveryOptionChangesTheFunction) {
  torch::NoGradGuard no_grad;
  std::vector<UNetOptions> variants(8, small());
  variants[1].depth = 3;
  variants[2].norm = Norm::kGroup;
  variants[3].norm = Norm::kNone;
  variants[4].padding = Padding::kReflect;
  variants[5].skip = Skip::kDifference;
  variants[6].pixel_unshuffle = 2;
  variants[7].detail = true;
  std::vector<torch::Tensor> outputs;
  for (const auto& options : variants)
    outputs.push_back(UNet(options, 1).forward(input(2, 1, 24, 24)));
  for (size_t i = 0; i < outputs.size(); ++i) {
    for (size_t j = 0; j < i; ++j)
      EXPECT_FALSE(torch::equal(outputs[i], outputs[j])) << i << " " << j;
  }
}

TEST(UNet, IsDecidedByItsSeed) {
  torch::NoGradGuard no_grad;
  const auto x = input(1, 1, 16, 16);
  EXPECT_TRUE(torch::equal(UNet(small(), 3).forward(x), UNet(small(), 3).forward(x)));
  EXPECT_FALSE(torch::equal(UNet(small(), 3).forward(x), UNet(small(), 4).forward(x)));
}

TEST(UNet, LeavesTheGlobalGeneratorAlone) {
  torch::manual_seed(7);
  const auto expected = torch::rand({4});
  torch::manual_seed(7);
  const UNet network(small(), 3);
  EXPECT_TRUE(torch::equal(torch::rand({4}), expected));
}

TEST(UNet, EveryParameterGetsAGradient) {
  for (const auto skip : {Skip::kConcat, Skip::kDifference}) {
    UNetOptions options = small();
    options.skip = skip;
    UNet network(options, 1);
    network.forward(input(2, 1, 16, 16)).square().sum().backward();
    for (const auto& p : network.parameters()) {
      ASSERT_TRUE(p.grad().defined());
      EXPECT_TRUE(torch::isfinite(p.grad()).all().item<bool>());
    }
  }
}

TEST(UNet, FoldedNormsGiveTheSameOutput) {
  torch::NoGradGuard no_grad;
  UNet network(small(), 1);
  for (int i = 0; i < 3; ++i) network.forward(input(4, 1, 16, 16) * 3.0);
  network.train(false);
  const auto x = input(2, 1, 16, 16);
  const auto before = network.forward(x);
  network.fold_norms();
  EXPECT_LT((network.forward(x) - before).abs().max().item<double>(), 1e-5);
  expect_error(ExitCode::kUsage, {"folded"}, [&] { network.train(); });
  expect_error(ExitCode::kUsage, {"folded"}, [&] { network.state(); });
}

TEST(UNet, SettledStatisticsAreThoseOfTheData) {
  torch::NoGradGuard no_grad;
  UNet network(small(), 1);
  const auto x = input(16, 1, 64, 64);
  const auto trained = network.forward(x);
  network.begin_statistics();
  network.forward(x);
  network.finish_statistics();
  network.train(false);
  EXPECT_LT((network.forward(x) - trained).abs().max().item<double>(), 1e-2);
}

TEST(UNet, RefusesOtherInputs) {
  UNet network(small(), 1);
  expect_error(ExitCode::kUsage, {"x", "[N, 1, H, W]", "[1, 3, 8, 8]"}, [&] {
    network.forward(torch::zeros({1, 3, 8, 8}));
  });
}

TEST(UNet, RefusesOptionsOutOfRange) {
  const auto refuse = [](const char* message, auto change) {
    UNetOptions options = small();
    change(options);
    expect_error(ExitCode::kUsage, {message}, [&] { UNet(options, 1); });
  };
  refuse("channels = 0", [](UNetOptions& o) { o.channels = 0; });
  refuse("depth = 0", [](UNetOptions& o) { o.depth = 0; });
  refuse("depth = 7", [](UNetOptions& o) { o.depth = 7; });
  refuse("pixel_unshuffle = 3", [](UNetOptions& o) { o.pixel_unshuffle = 3; });
  refuse("in_channels = 0", [](UNetOptions& o) { o.in_channels = 0; });
}

TEST(LoadState, CopiesWeightsAndStatistics) {
  torch::NoGradGuard no_grad;
  UNet from(small(), 1), to(small(), 2);
  for (int i = 0; i < 3; ++i) from.forward(input(2, 1, 16, 16));
  load_state(to, from.state(), "weights");
  from.train(false);
  to.train(false);
  const auto x = input(1, 1, 16, 16);
  EXPECT_TRUE(torch::equal(from.forward(x), to.forward(x)));
}

TEST(LoadState, ListsEveryMismatchAndChangesNothing) {
  torch::NoGradGuard no_grad;
  UNet network(small(), 1);
  const auto before = network.state().front().second.clone();
  auto weights = UNet(small(), 2).state();
  weights[0].second = torch::zeros({1, 2});
  weights[1].second = weights[1].second.to(torch::kFloat64);
  weights[2].first = "another";
  const std::string missing = UNet(small(), 2).state()[2].first;
  expect_error(ExitCode::kModel,
               {"some.safetensors", weights[0].first, "[1, 2] Float", weights[1].first, "Double",
                "'" + missing + "' is missing", "'another' is not part of the network"},
               [&] { load_state(network, weights, "some.safetensors"); });
  EXPECT_TRUE(torch::equal(network.state().front().second, before));
}

// By hand: 9 taps, encoder 2 -> 4 -> 4 at full resolution, middle 4 -> 8 -> 4 at a quarter of the
// pixels, decoder 8 -> 4 -> 4, output 4 -> 1.
TEST(UNet, CountsItsMultiplyAdds) {
  UNetOptions options;
  options.in_channels = 2;
  options.out_channels = 1;
  options.channels = 4;
  options.depth = 1;
  constexpr int64_t kPerPixel = 9 * (2 * 4 + 4 * 4 + 8 * 4 + 4 * 4) + 4;
  constexpr int64_t kPerQuarter = 9 * (4 * 8 + 8 * 4);
  const UNet network(options, 1);
  EXPECT_EQ(network.multiply_adds(6, 8), 48 * kPerPixel + 12 * kPerQuarter);
  EXPECT_EQ(network.multiply_adds(5, 7), network.multiply_adds(6, 8));
  options.pixel_unshuffle = 2;
  constexpr int64_t kMoreInputs = 9 * 3 * 2 * 4, kMoreOutputs = 3 * 4;
  EXPECT_EQ(UNet(options, 1).multiply_adds(8, 8),
            16 * (kPerPixel + kMoreInputs + kMoreOutputs) + 4 * kPerQuarter);
}

}  // namespace
}  // namespace proxseg
