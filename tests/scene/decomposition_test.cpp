#include "proxseg/scene/decomposition.h"

#include "proxseg/scene/network_input.h"
#include "support/expect_error.h"

namespace proxseg {
namespace {

struct Example {
  torch::Tensor frames = torch::rand({3, 2, 5, 7});
  torch::Tensor background = torch::rand({1, 2, 5, 7});
  SceneTensors scene = {background, {}, {}};
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
        decompose(form, form == Form::kSigned ? e.signed_output : e.logits, e.frames, e.scene);
    EXPECT_LT(distance(d.background + d.foreground, e.frames), 1e-6);
    EXPECT_EQ(d.mask.sizes(), torch::IntArrayRef({3, 1, 5, 7}));
  }
}

TEST(Decompose, SignedMaskIsTheLargestChannel) {
  const Example e;
  const auto d = decompose(Form::kSigned, e.signed_output, e.frames, e.scene);
  EXPECT_TRUE(torch::equal(d.foreground, e.signed_output));
  EXPECT_TRUE(torch::equal(d.mask.squeeze(1), e.signed_output.abs().amax(1)));
}

TEST(Decompose, MaskedGivesTheFrameOutsideAndTheReferenceInside) {
  const Example e;
  const auto full = torch::full({3, 1, 5, 7}, 100.0);
  EXPECT_LT(distance(decompose(Form::kMasked, full, e.frames, e.scene).background,
                     e.background.expand_as(e.frames)),
            1e-6);
  EXPECT_LT(distance(decompose(Form::kMasked, -full, e.frames, e.scene).background, e.frames),
            1e-6);
}

TEST(Decompose, NothingIsForegroundOutsideTheRoi) {
  const Example e;
  SceneTensors partial = e.scene;
  partial.roi = torch::ones({1, 1, 5, 7});
  partial.roi.narrow(3, 0, 3).zero_();
  for (const Form form : {Form::kSigned, Form::kMasked}) {
    const auto output = form == Form::kSigned ? e.signed_output : e.logits;
    const auto d = decompose(form, output, e.frames, partial);
    const auto whole = decompose(form, output, e.frames, e.scene);
    EXPECT_EQ(d.foreground.narrow(3, 0, 3).abs().max().item<double>(), 0.0);
    EXPECT_EQ(d.mask.narrow(3, 0, 3).max().item<double>(), 0.0);
    EXPECT_TRUE(torch::equal(d.mask.narrow(3, 3, 4), whole.mask.narrow(3, 3, 4)));
  }
}

TEST(Decompose, IsDifferentiable) {
  const Example e;
  const auto logits = e.logits.clone().requires_grad_();
  decompose(Form::kMasked, logits, e.frames, e.scene).background.sum().backward();
  const auto m = torch::sigmoid(e.logits);
  const auto expected = -m * (1 - m) * (e.frames - e.background).sum(1, true);
  EXPECT_LT(distance(logits.grad(), expected), 1e-6);
}

TEST(Decompose, HandsTheScaleOnAndNeedsItForNothingElse) {
  const Example e;
  SceneTensors scaled = e.scene;
  scaled.scale = torch::rand({1, 1, 5, 7}) + 0.1;
  for (const Form form : {Form::kSigned, Form::kMasked}) {
    const auto output = form == Form::kSigned ? e.signed_output : e.logits;
    const auto with = decompose(form, output, e.frames, scaled);
    const auto without = decompose(form, output, e.frames, e.scene);
    EXPECT_TRUE(torch::equal(with.scale, scaled.scale));
    EXPECT_FALSE(without.scale.defined());
    EXPECT_TRUE(torch::equal(with.background, without.background));
    EXPECT_TRUE(torch::equal(with.mask, without.mask));
  }
}

TEST(Decompose, RefusesOtherShapes) {
  const Example e;
  const auto refuse = [&](const std::vector<std::string>& fragments, const torch::Tensor& output,
                          const SceneTensors& scene) {
    expect_error(ExitCode::kUsage, fragments,
                 [&] { decompose(Form::kMasked, output, e.frames, scene); });
  };
  const auto plane = torch::ones({5, 7});
  refuse({"output", "[3, 1, 5, 7]"}, e.signed_output, e.scene);
  refuse({"background", "[1, 2, 5, 7]"}, e.logits, {e.background[0], {}, {}});
  refuse({"background", "[3, 2, 5, 7]"}, e.logits, {e.frames.narrow(0, 0, 2), {}, {}});
  refuse({"scale", "[1, 1, 5, 7]"}, e.logits, {e.background, plane, {}});
  refuse({"roi", "[1, 1, 5, 7]"}, e.logits, {e.background, {}, plane});
}

TEST(Network, SeesTheFrameAndHowItDiffersFromTheBackground) {
  const Example e;
  EXPECT_TRUE(torch::equal(network_input(Form::kSigned, e.frames, e.scene), e.frames));
  const auto input = network_input(Form::kMasked, e.frames, e.scene);
  EXPECT_TRUE(torch::equal(input.narrow(1, 0, 2), e.frames));
  EXPECT_TRUE(torch::equal(input.narrow(1, 2, 2), e.frames - e.background));
}

TEST(Network, SeesDifferencesInUnitsOfTheScaleUpToFour) {
  const auto frames = torch::tensor({0.5F, 0.3F, 1.0F, 0.0F}).reshape({2, 2, 1, 1});
  const auto background = torch::tensor({0.4F, 0.5F}).reshape({1, 2, 1, 1});
  const SceneTensors scene = {background, torch::full({1, 1, 1, 1}, 0.1), {}};
  const auto input = network_input(Form::kMasked, frames, scene);
  EXPECT_TRUE(torch::equal(input.narrow(1, 0, 2), frames));
  const auto expected = torch::tensor({1.0F, -2.0F, 4.0F, -4.0F}).reshape({2, 2, 1, 1});
  EXPECT_LT(distance(input.narrow(1, 2, 2), expected), 1e-6);
  EXPECT_TRUE(torch::equal(network_input(Form::kSigned, frames, scene), frames));
}

TEST(Lit, IsTheBackgroundTimesTheGainOfEachFrameAtMostOne) {
  const Example e;
  const auto scene = apply_gains(e.scene, torch::tensor({0.5F, 3.0F, 1.0F}));
  EXPECT_TRUE(torch::equal(scene.background[0], 0.5 * e.background[0]));
  EXPECT_TRUE(torch::equal(scene.background[1], (3.0 * e.background[0]).clamp_max(1.0)));
  const auto frames = e.frames.narrow(0, 0, 1).expand({3, -1, -1, -1});
  const auto input = network_input(Form::kMasked, frames, scene);
  EXPECT_LT(distance(input.narrow(1, 2, 2), frames - scene.background), 1e-6);
  const auto all = torch::full({3, 1, 5, 7}, 50.0);
  EXPECT_LT(distance(decompose(Form::kMasked, all, frames, scene).background, scene.background),
            1e-6);
}

TEST(Network, SeesEachPixelInItsOwnScale) {
  const Example e;
  SceneTensors scaled = e.scene;
  scaled.scale = torch::rand({1, 1, 5, 7}) + 0.3;
  const auto difference = network_input(Form::kMasked, e.frames, scaled).narrow(1, 2, 2);
  EXPECT_LT(distance(difference * scaled.scale, e.frames - e.background), 1e-6);
}

TEST(ToTensors, HoldTheSceneAndTheRoi) {
  SceneState scene;
  scene.background = cv::Mat(1, 2, CV_8UC3, cv::Scalar(0, 51, 255));
  scene.scale = (cv::Mat_<float>(1, 2) << 0.1F, 0.3F);
  const SceneTensors tensors = to_tensors(scene, (cv::Mat_<uchar>(1, 2) << 0, 255));
  scene.scale.setTo(9);
  const auto background = torch::tensor({0.0F, 0.2F, 1.0F}).reshape({1, 3, 1, 1});
  EXPECT_LT(distance(tensors.background, background.expand({1, 3, 1, 2})), 1e-6);
  EXPECT_TRUE(torch::equal(tensors.scale, torch::tensor({0.1F, 0.3F}).reshape({1, 1, 1, 2})));
  EXPECT_TRUE(torch::equal(tensors.roi, torch::tensor({0.0F, 1.0F}).reshape({1, 1, 1, 2})));
}

TEST(ToTensors, LeaveUndefinedWhatIsNotThere) {
  SceneState scene;
  scene.background = cv::Mat(1, 2, CV_8UC1, cv::Scalar(7));
  const SceneTensors tensors = to_tensors(scene, {});
  EXPECT_FALSE(tensors.scale.defined());
  EXPECT_FALSE(tensors.roi.defined());
}

}  // namespace
}  // namespace proxseg
