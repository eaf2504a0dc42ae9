// One training run in memory: network, optimiser and the step.
#pragma once

#include <torch/types.h>

#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "proxseg/recipe/model.h"
#include "proxseg/recipe/recipe.h"
#include "proxseg/train/clip.h"
#include "proxseg/train/parallel/process_group.h"
#include "proxseg/train/phases.h"

namespace torch::optim {
class Optimizer;
}

namespace proxseg {

struct Batch;
struct Objective;
struct LossGradient;

struct StepReport {
  int64_t step = -1;  // from 0
  double loss = 0.0;
  std::vector<std::pair<std::string, double>> terms;  // weighted; they add up to loss
  // Effective rank of L: exp of the entropy of s / sum(s) (Roy and Vetterli 2007).
  double learned_rank = 0.0;
  double sparsity = 0.0;  // share of pixels in the mask
  double learning_rate = 0.0;
  double seconds = 0.0;
  PhaseSeconds phases;  // they add up to seconds
};

class Trainer {
 public:
  // Throws ConfigError for a recipe that breaks a rule (recipe/fields.h), UsageError for a
  // device that this machine lacks.
  // The steps go through the clips in turn; all must have the same number of channels.
  // In several processes, all make the same calls with the same clips: each takes its part of every
  // batch through the network, and all have the weights that one process would have, up to
  // rounding. Each must have a frame of a batch, and calls share_state() before its first step.
  Trainer(const Recipe& recipe, std::vector<Clip> clips, ProcessGroup processes = {});
  ~Trainer();

  // Steps of both phases: train.steps + train.alternating_steps.
  int64_t total_steps() const;
  int64_t next_step() const { return next_step_; }

  // Runs step next_step(). Throws NumericsError naming the step if a term of the loss or its
  // gradient is not finite; network and optimiser are then as after the step before.
  StepReport step();

  // What `step` sees: its frames at half the size, or a window of them.
  Batch batch_of_step(int64_t step) const;

  const Model& model() const { return model_; }
  Model& model() { return model_; }
  // Their scenes are on the device.
  const std::vector<Clip>& clips() const { return clips_; }
  const Recipe& recipe() const { return model_.recipe; }

  // Gives every process the weights, the optimiser's state and the step of the first.
  void share_state();
  const ProcessGroup& processes() const { return processes_; }

  // Optimiser state and step as bytes, to go on from bit by bit. restore() throws ModelError if
  // they don't fit.
  std::string save_state() const;
  void restore_state(const std::string& bytes, int64_t next_step);

 private:
  LossGradient update(torch::optim::Optimizer& optimizer, const Batch& batch,
                      const Objective& objective, PhaseClock& clock);
  StepReport descend(const Batch& batch, int64_t step, PhaseClock& clock);
  StepReport alternate(const Batch& batch, PhaseClock& clock);

  struct Optimizers;
  Model model_;
  std::vector<Clip> clips_;
  ProcessGroup processes_;
  torch::Device device_;
  GradientSum gradient_sum_;
  std::unique_ptr<Optimizers> optimizers_;
  int64_t next_step_ = 0;
};

}  // namespace proxseg
