#include "proxseg/train/trainer.h"

#include <cmath>
#include <memory>

#include "proxseg/scene/tensors.h"
#include "proxseg/tools/synth.h"
#include "proxseg/train/evaluation.h"
#include "proxseg/train/schedule.h"
#include "support/cuda.h"
#include "support/expect_error.h"
#include "support/scene_files.h"
#include "train/batch.h"

namespace proxseg {
namespace {

Recipe tiny_recipe() {
  Recipe recipe;
  recipe.input.scale = 1.0;
  recipe.model.unet.channels = 4;
  recipe.train.batch = 6;
  recipe.train.steps = 8;
  recipe.train.warmup = 0;
  recipe.train.learning_rate = 3e-3;
  recipe.loss.l1 = {0.2, PriorTarget::kMask, 0.004};
  recipe.loss.tv.weight = 0.0;
  return recipe;
}

Recipe paper_recipe() {
  Recipe recipe = tiny_recipe();
  recipe.model.form = Form::kSigned;
  recipe.train.sampling = Sampling::kFixed;
  recipe.loss.l1 = {1.0, PriorTarget::kForeground, 0.004};
  recipe.background.noise_floor = 0.0;
  return recipe;
}

std::vector<Clip> tiny_clips(const Recipe& recipe, int64_t frames = 12) {
  const TemporaryFolder folder;
  return {load_clip(write_tiny_scene(folder, frames), recipe)};
}

torch::Tensor weights(const Trainer& trainer) {
  std::vector<torch::Tensor> flat;
  for (const auto& [name, tensor] : trainer.model().network.state()) {
    flat.push_back(tensor.to(torch::kFloat64).flatten());
  }
  return torch::cat(flat);
}

torch::Tensor weights_after(const Recipe& recipe, int steps) {
  Trainer trainer(recipe, tiny_clips(recipe));
  for (int i = 0; i < steps; ++i) trainer.step();
  return weights(trainer);
}

TEST(Trainer, LossFallsOnAFixedBatch) {
  Recipe recipe = paper_recipe();
  recipe.train.learning_rate = 3e-3;
  recipe.train.schedule = Schedule::kConstant;
  Trainer trainer(recipe, tiny_clips(recipe));
  const double first = trainer.step().loss;
  double last = first;
  for (int i = 0; i < 40; ++i) last = trainer.step().loss;
  EXPECT_LT(last, 0.8 * first);
}

TEST(Trainer, ReportsWhatItDid) {
  Trainer trainer(tiny_recipe(), tiny_clips(tiny_recipe()));
  const StepReport report = trainer.step();
  EXPECT_EQ(report.step, 0);
  EXPECT_EQ(trainer.next_step(), 1);
  ASSERT_EQ(report.terms.size(), 2U);
  EXPECT_NEAR(report.loss, report.terms[0].second + report.terms[1].second, 1e-9);
  EXPECT_GE(report.learned_rank, 1.0);
  EXPECT_LE(report.learned_rank, 6.0);
  EXPECT_GE(report.sparsity, 0.0);
  EXPECT_LE(report.sparsity, 1.0);
  EXPECT_DOUBLE_EQ(report.learning_rate, tiny_recipe().train.learning_rate);
  EXPECT_GT(report.seconds, 0.0);
}

TEST(Trainer, GoesThroughTheClipsInTurn) {
  Recipe recipe = tiny_recipe();
  recipe.train.learning_rate = 1e-30;
  Trainer first(recipe, tiny_clips(recipe)), second(recipe, tiny_clips(recipe, 9));
  auto both = tiny_clips(recipe);
  both.push_back(std::move(tiny_clips(recipe, 9)[0]));
  Trainer trainer(recipe, std::move(both));
  for (int i = 0; i < 2; ++i) {
    const double loss_of_first = first.step().loss, loss_of_second = second.step().loss;
    EXPECT_NE(loss_of_first, loss_of_second);
    EXPECT_EQ(trainer.step().loss, loss_of_first);
    EXPECT_EQ(trainer.step().loss, loss_of_second);
  }
}

TEST(Trainer, SameSeedSameWeightsAnotherSeedOthers) {
  Recipe recipe = tiny_recipe();
  const auto first = weights_after(recipe, 3);
  EXPECT_TRUE(torch::equal(first, weights_after(recipe, 3)));
  recipe.seed = 2;
  EXPECT_FALSE(torch::equal(first, weights_after(recipe, 3)));
}

TEST(Trainer, GoesOnBitByBitFromItsState) {
  for (const auto optimizer : {OptimizerKind::kAdam, OptimizerKind::kAdamW, OptimizerKind::kSgd}) {
    Recipe recipe = tiny_recipe();
    recipe.train.optimizer = optimizer;
    Trainer whole(recipe, tiny_clips(recipe));
    for (int i = 0; i < 3; ++i) whole.step();
    const std::string state = whole.save_state();
    Trainer other(recipe, tiny_clips(recipe));
    load_state(other.model().network, whole.model().network.state(), "memory");
    other.restore_state(state, whole.next_step());
    for (int i = 0; i < 3; ++i) {
      EXPECT_EQ(whole.step().loss, other.step().loss);
    }
    EXPECT_TRUE(torch::equal(weights(whole), weights(other)));
  }
}

TEST(Trainer, RefusesAStateThatIsNone) {
  Trainer trainer(tiny_recipe(), tiny_clips(tiny_recipe()));
  expect_error(ExitCode::kModel, {"cannot be read"}, [&] { trainer.restore_state("nonsense", 3); });
  EXPECT_EQ(trainer.next_step(), 0);
}

TEST(Trainer, AlternatingPhaseTakesALowRankAndASparseStep) {
  Recipe recipe = paper_recipe();
  recipe.train.steps = 1;
  recipe.train.alternating_steps = 2;
  recipe.train.alternating_learning_rate = 1e-5;
  Trainer trainer(recipe, tiny_clips(recipe));
  EXPECT_EQ(trainer.total_steps(), 3);
  trainer.step();
  const auto before = weights(trainer);
  const StepReport report = trainer.step();
  ASSERT_EQ(report.terms.size(), 2U);
  EXPECT_EQ(report.terms[0].first, "nuclear");
  EXPECT_EQ(report.terms[1].first, "l1");
  EXPECT_DOUBLE_EQ(report.learning_rate, 1e-5);
  EXPECT_FALSE(torch::equal(before, weights(trainer)));
}

TEST(Trainer, StopsOnALossThatIsNotFiniteAndNamesTheStep) {
  Recipe recipe = paper_recipe();
  Trainer trainer(recipe, tiny_clips(recipe));
  trainer.step();
  {
    torch::NoGradGuard no_grad;
    trainer.model().network.parameters().front().fill_(NAN);
  }
  expect_error(ExitCode::kNumerics, {"step 1", "nuclear term"}, [&] { trainer.step(); });
  EXPECT_EQ(trainer.next_step(), 1);
}

// Makes the n-th gradient of the first weights, from 1, not a number; the loss stays finite.
void spoil_gradient(Trainer& trainer, int n) {
  auto weights = trainer.model().network.parameters().front();
  weights.register_hook([n, seen = std::make_shared<int>(0)](const torch::Tensor& gradient) {
    return ++*seen == n ? gradient * NAN : gradient;
  });
}

TEST(Trainer, AGradientThatIsNotFiniteIsNotSteppedOn) {
  Trainer trainer(tiny_recipe(), tiny_clips(tiny_recipe()));
  trainer.step();
  const auto before = weights(trainer);
  spoil_gradient(trainer, 1);
  expect_error(ExitCode::kNumerics, {"step 1", "gradient", "not finite"}, [&] { trainer.step(); });
  EXPECT_TRUE(torch::equal(weights(trainer), before));
  EXPECT_EQ(trainer.next_step(), 1);
  trainer.step();
  EXPECT_EQ(trainer.next_step(), 2);
}

TEST(Trainer, AnAlternatingStepThatFailsHalfWayIsTakenBack) {
  Recipe recipe = paper_recipe();
  recipe.train.steps = 1;
  recipe.train.alternating_steps = 1;
  recipe.train.alternating_learning_rate = 1e-3;
  Trainer trainer(recipe, tiny_clips(recipe));
  trainer.step();
  const auto before = weights(trainer);
  spoil_gradient(trainer, 2);
  expect_error(ExitCode::kNumerics, {"step 1", "gradient"}, [&] { trainer.step(); });
  EXPECT_TRUE(torch::equal(weights(trainer), before));
}

TEST(Trainer, RefusesARecipeThatBreaksARule) {
  Recipe recipe = tiny_recipe();
  recipe.train.max_frames = recipe.train.batch - 1;
  expect_error(ExitCode::kConfig, {"train.max_frames"},
               [&] { Trainer(recipe, tiny_clips(tiny_recipe())); });
}

TEST(Trainer, RpcaObjectiveIsThatOfTheDecomposition) {
  Recipe recipe = paper_recipe();
  recipe.model.unet.norm = Norm::kNone;  // the same function in training and inference
  recipe.train.learning_rate = 1e-9;
  Trainer trainer(recipe, tiny_clips(recipe));
  const double trained = trainer.step().loss;
  EXPECT_TRUE(has_rpca_objective(recipe));
  EXPECT_NEAR(measure_rpca_gap(trainer.model(), trainer.clips()).objective, trained,
              1e-3 * trained);
}

// Large enough for the loss to come in several pieces.
Clip noisy_clip() {
  torch::manual_seed(3);
  const int64_t frames = 8, height = 380, width = 510;
  Clip clip;
  const auto background = torch::randint(0, 255, {1, 3, height, width}, torch::kUInt8);
  const auto objects = torch::randint(0, 20, {frames, 3, height, width}, torch::kUInt8) == 0;
  clip.frames = torch::where(objects, background + 90, background);
  clip.scene.background = to_unit_range(background);
  clip.scene.scale = torch::full({1, 1, height, width}, 0.1);
  clip.gains = torch::linspace(0.8, 1.2, frames);
  clip.scene.roi = torch::ones({1, 1, height, width});
  clip.scene.roi.narrow(2, 0, 40).zero_();
  for (int64_t i = 0; i < frames; ++i) clip.names.push_back(std::to_string(i));
  clip.info.channels = 3;
  return clip;
}

struct Outcome {
  StepReport report;
  torch::Tensor weights;
};

Outcome outcome_of(const Recipe& recipe, int64_t steps) {
  Trainer trainer(recipe, {noisy_clip()});
  Outcome outcome;
  for (int64_t i = 0; i < steps; ++i) outcome.report = trainer.step();
  outcome.weights = weights(trainer);
  return outcome;
}

void expect_same_outcome(const Outcome& whole, const Outcome& chunked) {
  ASSERT_EQ(whole.report.terms.size(), chunked.report.terms.size());
  for (size_t i = 0; i < whole.report.terms.size(); ++i) {
    const auto& [name, value] = whole.report.terms[i];
    EXPECT_EQ(chunked.report.terms[i].first, name);
    EXPECT_NEAR(chunked.report.terms[i].second, value, 1e-5 * value) << name;
  }
  EXPECT_NEAR(chunked.report.learned_rank, whole.report.learned_rank, 1e-4);
  EXPECT_NEAR(chunked.report.sparsity, whole.report.sparsity, 1e-4);
  EXPECT_LT((chunked.weights - whole.weights).abs().max().item<double>(), 1e-5);
}

// Gradients show in the weights: SGD changes them in proportion.
Recipe recipe_for_gradients(Norm norm) {
  Recipe recipe = tiny_recipe();
  recipe.precision = Precision::kFloat32;
  recipe.model.unet.norm = norm;
  recipe.model.unet.depth = 1;
  recipe.train.batch = 7;
  recipe.train.optimizer = OptimizerKind::kSgd;
  recipe.train.learning_rate = 1e-3;
  recipe.loss.tv.weight = 0.3;
  return recipe;
}

TEST(Trainer, ChunksOfABatchGiveTheGradientOfTheWhole) {
  for (const Norm norm : {Norm::kNone, Norm::kGroup}) {
    Recipe recipe = recipe_for_gradients(norm);
    const Outcome whole = outcome_of(recipe, 2);
    recipe.train.memory = 0.05;
    expect_same_outcome(whole, outcome_of(recipe, 2));
  }
}

TEST(Trainer, ChunksOfABatchGiveTheGradientOfTheWholeInThePapersForm) {
  Recipe recipe = recipe_for_gradients(Norm::kNone);
  recipe.model.form = Form::kSigned;
  recipe.train.steps = 1;
  recipe.loss.l1 = {1.0, PriorTarget::kForeground, 0.004};
  recipe.loss.group_l1 = {0.5, PriorTarget::kForeground, 0.004};
  recipe.loss.tv = {0.2, PriorTarget::kBackground, 0.004};
  Recipe alternating = recipe;
  alternating.train.alternating_steps = 1;
  alternating.train.alternating_learning_rate = 1e-4;
  alternating.loss.group_l1.weight = alternating.loss.tv.weight = 0.0;
  for (Recipe r : {recipe, alternating}) {
    const int64_t steps = 1 + r.train.alternating_steps;
    const Outcome whole = outcome_of(r, steps);
    r.train.memory = 0.05;
    expect_same_outcome(whole, outcome_of(r, steps));
  }
}

TEST(Trainer, LossFallsWithABatchNormThatSeesAChunk) {
  Recipe recipe = paper_recipe();
  recipe.train.memory = 1e-6;  // one frame at a time
  recipe.train.schedule = Schedule::kConstant;
  Trainer trainer(recipe, tiny_clips(paper_recipe()));
  const double first = trainer.step().loss;
  double last = first;
  for (int i = 0; i < 40; ++i) last = trainer.step().loss;
  EXPECT_LT(last, 0.9 * first);
  settle_statistics(trainer.model(), trainer.clips());
  EXPECT_TRUE(torch::isfinite(weights(trainer)).all().item<bool>());
}

TEST(Trainer, SeesHalfTheSizeFirstAndThenWindows) {
  Recipe recipe = tiny_recipe();
  recipe.train.steps = 4;
  recipe.train.half_size = 0.5;
  recipe.train.window = 0.75;
  SynthOptions scene = tiny_scene(8);
  scene.width = 160;
  scene.height = 130;
  const TemporaryFolder folder;
  generate_sequence(scene, folder / "scene");
  Trainer trainer(recipe, {load_clip((folder / "scene").string(), recipe)});
  std::vector<int64_t> widths, heights;
  for (int64_t step = 0; step < trainer.total_steps(); ++step) {
    const Batch batch = trainer.batch_of_step(step);
    heights.push_back(batch.bytes.size(2));
    widths.push_back(batch.bytes.size(3));
    EXPECT_EQ(batch.scene.background.size(2), heights.back());
    EXPECT_EQ(batch.scene.background.size(3), widths.back());
    trainer.step();
  }
  EXPECT_EQ(heights, (std::vector<int64_t>{65, 65, 98, 98}));
  EXPECT_EQ(widths, (std::vector<int64_t>{80, 80, 120, 120}));
}

TEST(Trainer, LossFallsInEitherPrecisionWithAnyNorm) {
  for (const Norm norm : {Norm::kBatch, Norm::kGroup, Norm::kNone}) {
    for (const Precision precision : {Precision::kFloat32, Precision::kBFloat16}) {
      Recipe recipe = paper_recipe();
      recipe.model.unet.norm = norm;
      recipe.precision = precision;
      recipe.train.steps = 20;
      Trainer trainer(recipe, tiny_clips(recipe));
      const double first = trainer.step().loss;
      double last = first;
      while (trainer.next_step() < trainer.total_steps()) last = trainer.step().loss;
      EXPECT_LT(last, 0.9 * first) << static_cast<int>(norm) << static_cast<int>(precision);
      for (const auto& [name, tensor] : trainer.model().network.state()) {
        EXPECT_NE(tensor.scalar_type(), torch::kBFloat16) << name;
      }
    }
  }
}

TEST(Trainer, AWindowShowsTheSamePlaceInAllFramesAndInTheScene) {
  Recipe recipe = tiny_recipe();
  recipe.train.half_size = 0.0;
  Clip clip;
  const torch::Tensor places = torch::arange(256).to(torch::kUInt8).view({1, 1, 1, 256});
  clip.frames = places.expand({20, 1, 130, 256}).contiguous();
  clip.info.channels = 1;
  clip.names.assign(20, "frame");
  clip.gains = torch::ones({20});
  clip.scene.background = places.to(torch::kFloat32).expand({1, 1, 130, 256}).contiguous();
  const Trainer trainer(recipe, {clip});
  const Batch batch = trainer.batch_of_step(0);
  ASSERT_EQ(batch.bytes.size(3), 128);
  EXPECT_TRUE(
      torch::equal(batch.bytes.to(torch::kFloat32), batch.scene.background.expand_as(batch.bytes)));
}

TEST(Trainer, SnapshotShowsWholeFramesOfTheLastStep) {
  const Recipe recipe = tiny_recipe();
  Trainer trainer(recipe, tiny_clips(recipe));
  trainer.step();
  const auto names = trainer.batch_of_step(0).names;
  const Snapshot snapshot = snapshot_of(trainer.model(), trainer.clips(), 0);
  const torch::Tensor frames = trainer.clips()[0].frames;
  ASSERT_EQ(snapshot.frames.size(0), 4);
  EXPECT_EQ(snapshot.names, std::vector<std::string>(names.begin(), names.begin() + 4));
  EXPECT_EQ(snapshot.frames.sizes().slice(1), frames.sizes().slice(1));
  EXPECT_EQ(snapshot.background.sizes(), snapshot.frames.sizes());
  EXPECT_EQ(snapshot.soft.sizes().slice(2), frames.sizes().slice(2));
}

TEST(Trainer, TakesTheSameStepsOnAGpu) {
  SKIP_WITHOUT_CUDA();
  const auto losses_on = [](const char* device) {
    Recipe recipe = tiny_recipe();
    recipe.device = device;
    Trainer trainer(recipe, tiny_clips(recipe));
    std::vector<double> losses;
    while (trainer.next_step() < trainer.total_steps()) losses.push_back(trainer.step().loss);
    settle_statistics(trainer.model(), trainer.clips());
    EXPECT_FALSE(spectra_of(trainer.model(), trainer.clips()).background.empty());
    return losses;
  };
  const auto on_cpu = losses_on("cpu"), on_gpu = losses_on("cuda");
  for (size_t i = 0; i < on_cpu.size(); ++i) EXPECT_NEAR(on_gpu[i], on_cpu[i], 1e-3 * on_cpu[i]);
}

TEST(Trainer, RefusesADeviceThatIsNotThere) {
  Recipe recipe = tiny_recipe();
  recipe.device = "tpu";
  expect_error(ExitCode::kConfig, {"device"}, [&] { Trainer(recipe, tiny_clips(recipe)); });
}

}  // namespace
}  // namespace proxseg
