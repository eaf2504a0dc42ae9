#include "proxseg/train/evaluation.h"

#include <gtest/gtest.h>

#include "proxseg/train/trainer.h"

#include "support/scene_files.h"
#include "support/temporary_folder.h"

namespace proxseg {
namespace {

Recipe scored_recipe() {
  Recipe recipe;
  recipe.input.scale = 1.0;
  recipe.model.unet.channels = 4;
  recipe.train.batch = 6;
  recipe.train.steps = 60;
  recipe.loss.l1.weight = 0.2;
  recipe.loss.tv.weight = 0.2;
  return recipe;
}

Trainer tiny_trainer() {
  const TemporaryFolder folder;
  return {scored_recipe(), {load_clip(write_tiny_scene(folder, 12), scored_recipe())}};
}

void set_output_bias(Trainer& trainer, float bias) {
  const torch::NoGradGuard no_grad;
  for (auto [name, tensor] : trainer.model().network.state()) {
    if (name == "output.weight") tensor.zero_();
    if (name == "output.bias") tensor.fill_(bias);
  }
}

TEST(LabelFreeScore, IsZeroWhereTheMaskIsEmptyOrFull) {
  for (const float bias : {-10.0F, 10.0F}) {
    Trainer trainer = tiny_trainer();
    set_output_bias(trainer, bias);
    EXPECT_EQ(label_free_score(trainer.model(), trainer.clips()).value, 0.0) << bias;
  }
}

// Frames of one object on a ground with a shadow beside it.
struct Seen {
  torch::Tensor frame = torch::full({1, 3, 24, 30}, 0.6);
  SceneTensors scene;

  Seen() {
    scene.background = torch::full({1, 3, 24, 30}, 0.6);
    scene.background.narrow(1, 0, 1).fill_(0.3);
    scene.scale = torch::full({1, 1, 24, 30}, 0.1);
    frame.copy_(scene.background);
    object(frame).fill_(0.9);
    shadow(frame).mul_(0.6);
  }
  static torch::Tensor object(const torch::Tensor& x) { return x.narrow(2, 4, 10).narrow(3, 3, 9); }
  static torch::Tensor shadow(const torch::Tensor& x) {
    return x.narrow(2, 4, 10).narrow(3, 16, 9);
  }
};

TEST(EvidenceOf, IsWhatDiffersByMoreThanTheScaleAndIsNoShadow) {
  Seen seen;
  const auto share = [](const torch::Tensor& x) { return x.mean().item<double>(); };
  torch::Tensor evidence = evidence_of(seen.frame, seen.scene, 3);
  EXPECT_EQ(evidence.sizes(), torch::IntArrayRef({1, 1, 24, 30}));
  EXPECT_GT(share(Seen::object(evidence)), 0.95);
  EXPECT_GT(share(Seen::shadow(evidence)), 0.95) << "not told";
  seen.scene.tells_shadows = true;
  evidence = evidence_of(seen.frame, seen.scene, 3);
  EXPECT_GT(share(Seen::object(evidence)), 0.95);
  EXPECT_EQ(share(Seen::shadow(evidence).narrow(2, 3, 4).narrow(3, 3, 3)), 0.0);
  EXPECT_EQ(share(evidence.narrow(2, 18, 6)), 0.0);
  seen.scene.scale.fill_(1.0);
  EXPECT_EQ(share(evidence_of(seen.frame, seen.scene, 3)), 0.0);
}

TEST(LabelFreeScore, IsLowWhereMasksAreNotAsLargeAsWhatThereIsToSee) {
  Trainer trainer = tiny_trainer();
  for (int64_t i = 0; i < 10; ++i) trainer.step();
  settle_statistics(trainer.model(), trainer.clips());
  const LabelFreeScore score = label_free_score(trainer.model(), trainer.clips());
  EXPECT_GT(score.evidence, 0.0);
  ASSERT_EQ(score.object_areas.size(), 1U);
  EXPECT_GT(score.object_areas[0], 9.0 / (36 * 48) - 1e-9);
  EXPECT_LT(score.object_areas[0], 1.0);
  EXPECT_NEAR(score.value, std::sqrt(std::sqrt(score.stability * score.contours) * score.evidence),
              1e-9);
  std::vector<Clip> clips = trainer.clips();
  clips[0].scene.scale = 100.0 * clips[0].scene.scale;
  EXPECT_EQ(label_free_score(trainer.model(), clips).value, 0.0) << "nothing to see";
}

TEST(LossAtRest, DependsOnTheFramesAloneAndNotOnTheBatch) {
  const TemporaryFolder folder;
  const std::string scene = write_tiny_scene(folder, 12);
  const auto loss_with = [&](int64_t batch, double weight) {
    Recipe recipe = scored_recipe();
    recipe.train.batch = batch;
    recipe.loss.tv.weight = weight;
    Trainer trainer(recipe, {load_clip(scene, recipe)});
    return loss_at_rest(trainer.model(), trainer.clips());
  };
  const double loss = loss_with(3, 0.2);
  EXPECT_GT(loss, 0.0);
  EXPECT_DOUBLE_EQ(loss_with(12, 0.2), loss);
  EXPECT_GT(loss_with(3, 0.4), loss);
}

TEST(LabelFreeScore, IsTheSameTwice) {
  Trainer trainer = tiny_trainer();
  for (int64_t i = 0; i < 10; ++i) trainer.step();
  settle_statistics(trainer.model(), trainer.clips());
  const LabelFreeScore score = label_free_score(trainer.model(), trainer.clips());
  EXPECT_EQ(label_free_score(trainer.model(), trainer.clips()).value, score.value);
  EXPECT_GT(score.value, 0.0);
  EXPECT_LE(score.value, 1.0);
}

}  // namespace
}  // namespace proxseg
