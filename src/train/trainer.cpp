#include "proxseg/train/trainer.h"

#include <fmt/format.h>
#include <torch/optim.h>
#include <torch/serialize.h>

#include <algorithm>
#include <cmath>
#include <sstream>

#include "proxseg/core/device.h"
#include "proxseg/core/error.h"
#include "proxseg/recipe/fields.h"
#include "proxseg/train/schedule.h"
#include "train/batch.h"
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

// Where this process computes: the GPU of its number among several, else what the recipe says.
torch::Device device_of(const Recipe& recipe, const ProcessGroup& processes) {
  return processes.size() > 1 ? processes.device() : parse_device(recipe.device);
}

const Recipe& checked(const Recipe& recipe) {
  validate(recipe);
  return recipe;
}

void expect_finite_gradients(const std::vector<torch::Tensor>& parameters) {
  const torch::NoGradGuard no_grad;
  std::vector<torch::Tensor> sums;
  for (const torch::Tensor& parameter : parameters) {
    if (parameter.grad().defined()) sums.push_back(parameter.grad().sum(torch::kFloat64));
  }
  if (sums.empty() || std::isfinite(torch::stack(sums).sum().item<double>())) return;
  throw NumericsError("the gradient of the loss is not finite",
                      "Lower train.learning_rate, or set precision to fp32.");
}

// Weights and statistics of a network, to go back to. An optimiser changes only with the step that
// succeeds, but for those of the second phase, which have no state.
class NetworkCopy {
 public:
  explicit NetworkCopy(const UNet& network) : state_(network.state()) {
    const torch::NoGradGuard no_grad;
    for (const auto& [name, tensor] : state_) copies_.push_back(tensor.clone());
  }

  void put_back() {
    const torch::NoGradGuard no_grad;
    for (size_t i = 0; i < copies_.size(); ++i) state_[i].second.copy_(copies_[i]);
  }

 private:
  std::vector<NamedTensor> state_;
  std::vector<torch::Tensor> copies_;
};

}  // namespace

struct Trainer::Optimizers {
  std::unique_ptr<optim::Optimizer> first;
  std::unique_ptr<optim::Optimizer> alternating;
};

Trainer::Trainer(const Recipe& recipe, std::vector<Clip> clips, ProcessGroup processes)
    : model_(checked(recipe), clips.at(0).info.channels),
      clips_(std::move(clips)),
      processes_(std::move(processes)),
      device_(device_of(recipe, processes_)),
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

Batch Trainer::batch_of_step(int64_t step) const {
  const Batch batch = batch_at(model_.recipe, clips_, step);
  const auto& o = model_.recipe.train;
  const int64_t height = batch.bytes.size(2), width = batch.bytes.size(3);
  if (is_at_half_size(o, step, std::min(height, width))) return with_shading(at_half_size(batch));
  return with_shading(
      in_window(batch, sample_window(o.window, height, width, model_.recipe.seed, step)));
}

LossGradient Trainer::update(optim::Optimizer& optimizer, const Batch& batch,
                             const Objective& objective, PhaseClock& clock) {
  NetworkPass pass(model_, batch, processes_);
  const torch::Tensor output = pass.outputs();
  clock.spent_on(&PhaseSeconds::forward);
  const bool is_large = plan_of(model_, batch, processes_).loss_in_pieces;
  LossGradient loss = is_large || processes_.size() > 1
                          ? loss_gradient_in_pieces(batch, output, model_.recipe, objective,
                                                    /*keeps=*/!is_large, processes_)
                          : loss_gradient(batch, output, model_.recipe, objective);
  clock.spent_on(&PhaseSeconds::loss);
  if (!loss.output.defined()) return loss;
  optimizer.zero_grad();
  pass.backward(loss.output, [&] { gradient_sum_.begin(); });
  gradient_sum_.finish();
  expect_finite_gradients(model_.network.parameters());
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
  NetworkCopy before(model_.network);
  StepReport report;
  try {
    const Batch batch = batch_of_step(step);
    clock.spent_on(&PhaseSeconds::preparation);
    report =
        step < model_.recipe.train.steps ? descend(batch, step, clock) : alternate(batch, clock);
  } catch (const NumericsError& error) {
    before.put_back();
    throw NumericsError(fmt::format("step {}: {}", step, error.what()), error.remedy());
  }
  report.step = step;
  for (const auto& [name, value] : report.terms) report.loss += value;
  report.phases = clock.seconds();
  report.seconds = report.phases.sum();
  ++next_step_;
  return report;
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
