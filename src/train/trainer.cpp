#include "proxseg/train/trainer.h"

#include <fmt/format.h>
#include <torch/optim.h>
#include <torch/serialize.h>

#include <algorithm>
#include <sstream>

#include "proxseg/core/device.h"
#include "proxseg/core/error.h"
#include "proxseg/core/threads.h"
#include "proxseg/prox/spectral.h"
#include "proxseg/scene/decomposition.h"
#include "proxseg/scene/network_input.h"
#include "proxseg/train/loss.h"
#include "proxseg/train/memory.h"
#include "proxseg/train/sampler.h"
#include "proxseg/train/schedule.h"
#include "train/bfloat16_gradients.h"
#include "train/loss_gradient.h"
#include "train/network_pass.h"

namespace proxseg {
namespace optim = torch::optim;
namespace {

std::unique_ptr<optim::Optimizer> make_optimizer(const TrainOptions& o,
                                                 const std::vector<torch::Tensor>& parameters) {
  switch (o.optimizer) {
    case OptimizerKind::kAdam:
      return std::make_unique<optim::Adam>(
          parameters, optim::AdamOptions(o.learning_rate).weight_decay(o.weight_decay));
    case OptimizerKind::kAdamW:
      return std::make_unique<optim::AdamW>(
          parameters, optim::AdamWOptions(o.learning_rate).weight_decay(o.weight_decay));
    case OptimizerKind::kSgd:
      return std::make_unique<optim::SGD>(
          parameters,
          optim::SGDOptions(o.learning_rate).momentum(o.momentum).weight_decay(o.weight_decay));
  }
  throw UsageError("unknown optimiser");
}

void set_learning_rate(optim::Optimizer& optimizer, double rate) {
  for (auto& group : optimizer.param_groups()) group.options().set_lr(rate);
}

// The network's parameters, on the device.
std::vector<torch::Tensor> on_device(UNet& network, torch::Device device) {
  network.to(device);
  return network.parameters();
}

void expect_frame_for_each(const ProcessGroup& processes, int64_t batch) {
  if (batch >= processes.size()) return;
  throw UsageError(fmt::format("{} processes share a batch of {} frames", processes.size(), batch),
                   "Start fewer processes, or raise train.batch.");
}

std::vector<double> singular_values(const torch::Tensor& gram) {
  const auto s = spectrum_of_gram(gram).singular_values.contiguous();
  return {s.data_ptr<double>(), s.data_ptr<double>() + s.numel()};
}

}  // namespace

struct Trainer::Optimizers {
  std::unique_ptr<optim::Optimizer> first;
  std::unique_ptr<optim::Optimizer> alternating;
};

Trainer::Trainer(const Recipe& recipe, std::vector<Clip> clips, ProcessGroup processes)
    : model_(recipe, clips.at(0).info.channels),
      clips_(std::move(clips)),
      processes_(std::move(processes)),
      device_(parse_device(recipe.device)),
      bfloat16_(computes_in_bfloat16(recipe)),
      gradient_sum_(processes_, on_device(model_.network, device_)),
      optimizers_(std::make_unique<Optimizers>()) {
  for (Clip& clip : clips_) {
    expect_frame_for_each(processes_, std::min(clip.frames.size(0), recipe.train.batch));
    clip.scene = changed(clip.scene, [&](const torch::Tensor& x) { return x.to(device_); });
  }
  if (processes_.size() > 1) {
    model_.network.share_statistics([group = processes_](torch::Tensor& x) { group.sum(x); });
  }
  optimizers_->first = make_optimizer(model_.recipe.train, model_.network.parameters());
  optimizers_->alternating = std::make_unique<optim::SGD>(
      model_.network.parameters(),
      optim::SGDOptions(model_.recipe.train.alternating_learning_rate));
}

Trainer::~Trainer() = default;

int64_t Trainer::total_steps() const {
  return model_.recipe.train.steps + model_.recipe.train.alternating_steps;
}

Batch Trainer::batch_at(int64_t step) const {
  const auto& o = model_.recipe.train;
  const auto count = static_cast<int64_t>(clips_.size());
  const Clip& clip = clips_[static_cast<size_t>(step % count)];
  const auto indices =
      sample_batch(o.sampling, clip.frames.size(0), o.batch, model_.recipe.seed, step / count);
  return batch_of(clip, indices, device_);
}

Batch Trainer::batch_of_step(int64_t step) const {
  const Batch batch = batch_at(step);
  const auto& o = model_.recipe.train;
  const int64_t height = batch.bytes.size(2), width = batch.bytes.size(3);
  if (is_at_half_size(o, step, std::min(height, width))) return at_half_size(batch);
  return in_window(batch, sample_window(o.window, height, width, model_.recipe.seed, step));
}

StepPlan Trainer::plan(const Batch& batch) const {
  const auto& x = batch.bytes;
  return plan_step(model_.recipe.train, model_.network.options(), x.size(0), x.size(1), x.size(2),
                   x.size(3), processes_.size());
}

bool Trainer::trains_in_bfloat16(int64_t width) const {
  if (!bfloat16_ || !device_.is_cpu()) return bfloat16_;
  const UNetOptions& o = model_.network.options();
  // At the first level, the widest.
  return bfloat16_gradients_hold(padded_size(width, stride_of(o)) / o.pixel_unshuffle);
}

torch::Tensor Trainer::forward(const Batch& batch, int64_t first, int64_t count) {
  const bool in_bfloat16 = trains_in_bfloat16(batch.bytes.size(3));
  const auto input = network_input_of_bytes(
      model_.recipe.model.form, batch.bytes.narrow(0, first, count), batch.scene,
      batch.gains.narrow(0, first, count), in_bfloat16 ? torch::kBFloat16 : torch::kFloat32);
  const AutocastGuard autocast(device_, in_bfloat16);
  return model_.network.forward(input).to(torch::kFloat32);
}

NetworkPass Trainer::pass_of(const Batch& batch) {
  const Share share(processes_, batch.bytes.size(0), batch.bytes.size(2));
  return {[&](int64_t first, int64_t count) { return forward(batch, first, count); },
          share.frames(), plan(batch).chunks};
}

LossGradient Trainer::update(optim::Optimizer& optimizer, const Batch& batch,
                             const Objective& objective, PhaseClock& clock) {
  NetworkPass pass = pass_of(batch);
  const torch::Tensor output = pass.outputs();
  clock.spent_on(&PhaseSeconds::forward);
  const bool is_large = plan(batch).loss_in_pieces;
  LossGradient loss = is_large || processes_.size() > 1
                          ? loss_gradient_in_pieces(batch, output, model_.recipe, objective,
                                                    /*keeps=*/!is_large, processes_)
                          : loss_gradient(batch, output, model_.recipe, objective);
  clock.spent_on(&PhaseSeconds::loss);
  if (!loss.output.defined()) return loss;
  optimizer.zero_grad();
  pass.backward(loss.output, [&] { gradient_sum_.begin(); });
  gradient_sum_.finish();
  clock.spent_on(&PhaseSeconds::backward);
  optimizer.step();
  clock.spent_on(&PhaseSeconds::optimizer);
  return loss;
}

StepReport Trainer::descend(const Batch& batch, int64_t step, PhaseClock& clock) {
  StepReport report;
  report.learning_rate = learning_rate_at(model_.recipe.train, step);
  set_learning_rate(*optimizers_->first, report.learning_rate);
  const LossGradient loss = update(*optimizers_->first, batch, {}, clock);
  report.terms = loss.terms;
  report.learned_rank = loss.learned_rank;
  report.sparsity = loss.sparsity;
  return report;
}

// The second phase of Sakai 2021: first a step on the low-rank term, then one on the sparse terms.
StepReport Trainer::alternate(const Batch& batch, PhaseClock& clock) {
  const double alpha = model_.recipe.train.alternating_alpha;
  auto& optimizer = *optimizers_->alternating;
  StepReport report;
  report.learning_rate = model_.recipe.train.alternating_learning_rate;
  const Objective low_rank = {.sparse = false, .alpha = alpha};
  const Objective sparse = {.low_rank = false, .alpha = alpha};
  report.terms = update(optimizer, batch, low_rank, clock).terms;
  const LossGradient loss = update(optimizer, batch, sparse, clock);
  report.terms.insert(report.terms.end(), loss.terms.begin(), loss.terms.end());
  report.learned_rank = loss.learned_rank;
  report.sparsity = loss.sparsity;
  return report;
}

StepReport Trainer::step() {
  PhaseClock clock;
  const int64_t step = next_step_;
  model_.network.train();
  StepReport report;
  try {
    const Batch batch = batch_of_step(step);
    clock.spent_on(&PhaseSeconds::preparation);
    report =
        step < model_.recipe.train.steps ? descend(batch, step, clock) : alternate(batch, clock);
  } catch (const NumericsError& error) {
    throw NumericsError(fmt::format("step {}: {}", step, error.what()), error.remedy());
  }
  report.step = step;
  for (const auto& [name, value] : report.terms) report.loss += value;
  report.phases = clock.seconds();
  report.seconds = report.phases.sum();
  ++next_step_;
  return report;
}

void Trainer::settle_statistics() {
  if (model_.recipe.model.unet.norm != Norm::kBatch) return;
  constexpr int64_t kBatchesPerClip = 16;
  const auto clips = static_cast<int64_t>(clips_.size());
  torch::NoGradGuard no_grad;
  model_.network.begin_statistics();
  const bool fixed = model_.recipe.train.sampling == Sampling::kFixed;
  for (int64_t i = 0; i < clips * (fixed ? 1 : kBatchesPerClip); ++i) {
    const Batch batch = batch_at(total_steps() + i);
    pass_of(batch).outputs();
  }
  model_.network.finish_statistics();
}

torch::Tensor Trainer::fixed_batch() const {
  const Batch batch = batch_at(0);
  return batch.frames(0, batch.bytes.size(0)).flatten(1);
}

// Of the first `count` frames, with the network in inference mode; frame by frame, as little memory
// as possible.
torch::Tensor Trainer::output_at_rest(const Batch& batch, int64_t count) {
  torch::NoGradGuard no_grad;
  model_.network.train(false);
  std::vector<torch::Tensor> outputs;
  for (int64_t i = 0; i < count; ++i) outputs.push_back(forward(batch, i, 1));
  return torch::cat(outputs);
}

Snapshot Trainer::snapshot() {
  constexpr int64_t kFrames = 4;
  const Batch batch = batch_at(std::max<int64_t>(next_step_ - 1, 0));
  const int64_t count = std::min(kFrames, batch.bytes.size(0));
  const torch::Tensor frames = batch.frames(0, count);
  const Decomposition d = decompose(model_.recipe.model.form, output_at_rest(batch, count), frames,
                                    batch.scene_of(0, count));
  return {{batch.names.begin(), batch.names.begin() + count},
          frames.cpu(),
          d.background.cpu(),
          d.mask.cpu()};
}

double Trainer::rpca_objective() {
  const Batch batch = batch_at(0);
  const int64_t frames = batch.bytes.size(0);
  const Decomposition d = decompose(model_.recipe.model.form, output_at_rest(batch, frames),
                                    batch.frames(0, frames), batch.scene_of(0, frames));
  const double nuclear = spectrum(d.background.flatten(1)).singular_values.sum().item<double>();
  const double l1 = d.foreground.abs().sum(torch::kFloat64).item<double>();
  return nuclear + model_.recipe.loss.l1.weight * lambda0(d.background) * l1;
}

Spectra Trainer::spectra() {
  const Batch batch = batch_at(0);
  const Grams grams = grams_of(batch, output_at_rest(batch, batch.bytes.size(0)), model_.recipe);
  return {singular_values(grams.frames), singular_values(grams.background)};
}

void Trainer::share_state() {
  if (processes_.size() == 1) return;
  const torch::NoGradGuard no_grad;
  for (auto [name, tensor] : model_.network.state()) processes_.broadcast(tensor);
  const std::string state = processes_.broadcast(save_state());
  torch::Tensor step = torch::tensor({next_step_});
  processes_.broadcast(step);
  restore_state(state, step.item<int64_t>());
}

std::string Trainer::save_state() const {
  torch::serialize::OutputArchive archive, first, alternating;
  optimizers_->first->save(first);
  optimizers_->alternating->save(alternating);
  archive.write("first", first);
  archive.write("alternating", alternating);
  std::ostringstream stream;
  archive.save_to(stream);
  return std::move(stream).str();
}

void Trainer::restore_state(const std::string& bytes, int64_t next_step) {
  try {
    std::istringstream stream(bytes);
    torch::serialize::InputArchive archive, first, alternating;
    archive.load_from(stream);
    archive.read("first", first);
    archive.read("alternating", alternating);
    optimizers_->first->load(first);
    optimizers_->alternating->load(alternating);
  } catch (const c10::Error& error) {
    throw ModelError(
        fmt::format("the optimiser's state cannot be read: {}", error.what_without_backtrace()));
  } catch (const std::exception& error) {
    throw ModelError(fmt::format("the optimiser's state cannot be read: {}", error.what()));
  }
  next_step_ = next_step;
}

}  // namespace proxseg
