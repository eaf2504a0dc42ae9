#include "train/loss_gradient.h"

#include <gtest/gtest.h>

namespace proxseg {
namespace {

Recipe signed_recipe() {
  Recipe recipe;
  recipe.model.form = Form::kSigned;
  recipe.loss.l1 = {1.0, PriorTarget::kForeground, 0.004};
  recipe.loss.tv.weight = 0.0;
  return recipe;
}

Batch some_frames(int64_t height = 6, int64_t width = 8) {
  torch::manual_seed(1);
  Batch batch;
  batch.bytes = torch::randint(0, 256, {5, 1, height, width}, torch::kUInt8);
  batch.scene.background = torch::full({1, 1, height, width}, 0.5);
  batch.gains = torch::ones({5});
  return batch;
}

// In colour, of a scene with a scale; more than one piece.
Batch scaled_frames() {
  Batch batch = some_frames(200, 600);
  batch.bytes = torch::randint(0, 256, {5, 3, 200, 600}, torch::kUInt8);
  batch.scene.background = torch::rand({1, 3, 200, 600});
  batch.scene.scale = torch::rand({1, 1, 200, 600}) * 0.1 + 0.02;
  return batch;
}

void expect_close(const torch::Tensor& a, const torch::Tensor& b) {
  EXPECT_GT(b.abs().max().item<double>(), 0.0);
  EXPECT_LT((a - b).abs().max().item<double>(), 1e-5 * b.abs().max().item<double>());
}

void expect_the_same_in_pieces(const Batch& batch, const torch::Tensor& output,
                               const Recipe& recipe, size_t terms) {
  const LossGradient whole = loss_gradient(batch, output, recipe, {});
  for (const bool keeps : {false, true}) {
    const LossGradient pieces = loss_gradient_in_pieces(batch, output, recipe, {}, keeps);
    expect_close(pieces.output, whole.output);
    EXPECT_NEAR(pieces.learned_rank, whole.learned_rank, 1e-4);
    EXPECT_NEAR(pieces.sparsity, whole.sparsity, 1e-6);
    ASSERT_EQ(pieces.terms.size(), terms);
    for (size_t i = 0; i < terms; ++i) {
      EXPECT_EQ(pieces.terms[i].first, whole.terms[i].first);
      EXPECT_NEAR(pieces.terms[i].second, whole.terms[i].second, 1e-5 * whole.terms[i].second);
    }
  }
}

TEST(LossGradient, IsTheSameInPieces) {
  const Batch batch = some_frames(400, 600);  // three pieces
  Recipe recipe = signed_recipe();
  recipe.loss.nuclear_weight = 0.7;
  expect_the_same_in_pieces(batch, torch::randn(batch.bytes.sizes()), recipe, 2);
}

TEST(LossGradient, OfAScaledSceneIsTheSameInPiecesWhateverItsSparsePriorsAreOn) {
  Batch batch = scaled_frames();
  batch.scene.roi = (torch::rand({1, 1, 200, 600}) > 0.2).to(torch::kFloat32);
  const torch::Tensor output = torch::randn({5, 1, 200, 600});
  Recipe recipe;
  recipe.loss.l1 = {0.5, PriorTarget::kMask, 0.004};
  recipe.loss.tv = {0.5, PriorTarget::kMask, 0.004};
  expect_the_same_in_pieces(batch, output, recipe, 3);
  recipe.loss.l1.on = PriorTarget::kForeground;
  expect_the_same_in_pieces(batch, output, recipe, 3);
}

TEST(LossGradient, OfAShadedSceneIsTheSameInPieces) {
  Batch batch = scaled_frames();
  const torch::Tensor output = torch::randn({5, 1, 200, 600});
  const Recipe recipe;
  const LossGradient lit = loss_gradient(batch, output, recipe, {});
  batch.shading = torch::rand({5, 1, 200, 600});
  expect_the_same_in_pieces(batch, output, recipe, 3);
  EXPECT_GT(
      (loss_gradient(batch, output, recipe, {}).output - lit.output).abs().max().item<double>(),
      0.0);
}

TEST(LossGradient, AShadowOfTheBackgroundIsNoForeground) {
  Batch batch;
  batch.scene.background = torch::full({1, 3, 8, 20}, 200.0 / 255.0);
  batch.scene.scale = torch::full({1, 1, 8, 20}, 0.05);
  batch.bytes = torch::full({4, 3, 8, 20}, 200, torch::kUInt8);
  batch.bytes.narrow(3, 0, 10).fill_(120);
  batch.gains = torch::ones({4});
  const torch::Tensor output = torch::zeros({4, 1, 8, 20});
  Recipe recipe;
  recipe.loss.tv.weight = 0.0;
  const auto gradient_at_shadow = [&](const Batch& b) {
    return loss_gradient(b, output, recipe, {}).output.narrow(3, 2, 5).mean().item<double>();
  };
  EXPECT_LT(gradient_at_shadow(batch), 0.0) << "the mask grows";
  batch.scene.tells_shadows = true;
  EXPECT_GT(gradient_at_shadow(with_shading(batch)), 0.0) << "the mask shrinks";
}

// The second phase of Sakai 2021 goes from S_k a part alpha of the way to S: at S = S_k
//   nuclear(L_k + alpha (S_k - S)) has alpha times the gradient of nuclear(D - S),
//   l1(S + alpha (S_k - S)) has 1 - alpha times that of l1(S),
// and both have the values of the whole step.
TEST(LossGradient, SecondPhaseGoesAPartOfTheWay) {
  const Batch batch = some_frames();
  const torch::Tensor output = torch::randn({5, 1, 6, 8});
  constexpr double kAlpha = 0.3;
  for (const bool in_pieces : {false, true}) {
    const auto compute = [&](const Objective& objective) {
      return in_pieces ? loss_gradient_in_pieces(batch, output, signed_recipe(), objective)
                       : loss_gradient(batch, output, signed_recipe(), objective);
    };
    const LossGradient low_rank = compute({.sparse = false, .alpha = kAlpha});
    const LossGradient whole_low_rank = compute({.sparse = false});
    expect_close(low_rank.output, kAlpha * whole_low_rank.output);
    EXPECT_EQ(low_rank.terms, whole_low_rank.terms);

    const LossGradient sparse = compute({.low_rank = false, .alpha = kAlpha});
    const LossGradient whole_sparse = compute({.low_rank = false});
    expect_close(sparse.output, (1.0 - kAlpha) * whole_sparse.output);
    EXPECT_EQ(sparse.terms, whole_sparse.terms);
  }
}

TEST(LossGradient, SparsityIsTheShareOfPixelsAboveTheThreshold) {
  Recipe recipe = signed_recipe();
  recipe.mask.threshold = 0.5;
  torch::Tensor output = torch::full({5, 1, 6, 8}, 0.4);
  output.narrow(2, 0, 1).fill_(-0.6);  // one row in six
  for (const LossGradient& result : {loss_gradient(some_frames(), output, recipe, {}),
                                     loss_gradient_in_pieces(some_frames(), output, recipe, {})}) {
    EXPECT_NEAR(result.sparsity, 1.0 / 6.0, 1e-6);
  }
}

}  // namespace
}  // namespace proxseg
