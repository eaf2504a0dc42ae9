#include "proxseg/scene/decomposition.h"

#include "support/expect_error.h"

namespace proxseg {
namespace {

struct Example {
  torch::Tensor frames = torch::rand({3, 2, 5, 7});
  torch::Tensor background = torch::rand({1, 2, 5, 7});
  torch::Tensor signed_output = torch::randn({3, 2, 5, 7});
  torch::Tensor logits = torch::randn({3, 1, 5, 7});
};

double distance(const torch::Tensor& a, const torch::Tensor& b) {
  return (a - b).abs().max().item<double>();
}

TEST(Decompose, PartsAddUpToTheFrames) {
  const Example e;
  for (const Form form : {Form::kSigned, Form::kMasked}) {
    const auto d =
        decompose(form, form == Form::kSigned ? e.signed_output : e.logits, e.frames, e.background);
    EXPECT_LT(distance(d.background + d.foreground, e.frames), 1e-6);
    EXPECT_EQ(d.mask.sizes(), torch::IntArrayRef({3, 1, 5, 7}));
  }
}

TEST(Decompose, SignedMaskIsTheLargestChannel) {
  const Example e;
  const auto d = decompose(Form::kSigned, e.signed_output, e.frames, e.background);
  EXPECT_TRUE(torch::equal(d.foreground, e.signed_output));
  EXPECT_TRUE(torch::equal(d.mask.squeeze(1), e.signed_output.abs().amax(1)));
}

TEST(Decompose, MaskedGivesTheFrameOutsideAndTheReferenceInside) {
  const Example e;
  const auto full = torch::full({3, 1, 5, 7}, 100.0);
  EXPECT_LT(distance(decompose(Form::kMasked, full, e.frames, e.background).background,
                     e.background.expand_as(e.frames)),
            1e-6);
  EXPECT_LT(distance(decompose(Form::kMasked, -full, e.frames, e.background).background, e.frames),
            1e-6);
}

TEST(Decompose, NothingIsForegroundOutsideTheRoi) {
  const Example e;
  auto roi = torch::ones({1, 1, 5, 7});
  roi.narrow(3, 0, 3).zero_();
  for (const Form form : {Form::kSigned, Form::kMasked}) {
    const auto output = form == Form::kSigned ? e.signed_output : e.logits;
    const auto d = decompose(form, output, e.frames, e.background, roi);
    const auto whole = decompose(form, output, e.frames, e.background);
    EXPECT_EQ(d.foreground.narrow(3, 0, 3).abs().max().item<double>(), 0.0);
    EXPECT_EQ(d.mask.narrow(3, 0, 3).max().item<double>(), 0.0);
    EXPECT_TRUE(torch::equal(d.mask.narrow(3, 3, 4), whole.mask.narrow(3, 3, 4)));
  }
}

TEST(Decompose, IsDifferentiable) {
  const Example e;
  const auto logits = e.logits.clone().requires_grad_();
  decompose(Form::kMasked, logits, e.frames, e.background).background.sum().backward();
  const auto m = torch::sigmoid(e.logits);
  const auto expected = -m * (1 - m) * (e.frames - e.background).sum(1, true);
  EXPECT_LT(distance(logits.grad(), expected), 1e-6);
}

TEST(Decompose, RefusesOtherShapes) {
  const Example e;
  expect_error(ExitCode::kUsage, {"output", "[3, 1, 5, 7]"},
               [&] { decompose(Form::kMasked, e.signed_output, e.frames, e.background); });
  expect_error(ExitCode::kUsage, {"background", "[1, 2, 5, 7]"},
               [&] { decompose(Form::kMasked, e.logits, e.frames, e.frames); });
  expect_error(ExitCode::kUsage, {"roi"}, [&] {
    decompose(Form::kMasked, e.logits, e.frames, e.background, torch::ones({5, 7}));
  });
}

TEST(Network, ChannelsFollowFromTheForm) {
  const auto masked = network_options(Form::kMasked, {}, 3);
  EXPECT_EQ(masked.in_channels, 6);
  EXPECT_EQ(masked.out_channels, 1);
  EXPECT_TRUE(masked.out_bias);
  const auto paper = network_options(Form::kSigned, {}, 3);
  EXPECT_EQ(paper.in_channels, 3);
  EXPECT_EQ(paper.out_channels, 3);
  EXPECT_FALSE(paper.out_bias);
}

TEST(Network, SeesTheFrameAndHowItDiffersFromTheBackground) {
  const Example e;
  EXPECT_TRUE(torch::equal(network_input(Form::kSigned, e.frames, e.background), e.frames));
  const auto input = network_input(Form::kMasked, e.frames, e.background);
  EXPECT_TRUE(torch::equal(input.narrow(1, 0, 2), e.frames));
  EXPECT_TRUE(torch::equal(input.narrow(1, 2, 2), e.frames - e.background));
}

}  // namespace
}  // namespace proxseg
