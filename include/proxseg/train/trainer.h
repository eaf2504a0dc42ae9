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
#include "proxseg/train/memory.h"
#include "proxseg/train/parallel/process_group.h"
#include "proxseg/train/phases.h"

namespace torch::optim {
class Optimizer;
}

namespace proxseg {

struct Batch;
class NetworkPass;
struct Objective;
struct LossGradient;

struct StepReport {
  int64_t step = -1;  // from 0
  double loss = 0.0;
  std::vector<std::pair<std::string, double>> terms;  // weighted; they add up to loss
  double learned_rank =
      0.0;  // effective rank of L: exp of the entropy of s / sum(s) (Roy and Vetterli 2007)
  double sparsity = 0.0;  // share of pixels in the mask
  double learning_rate = 0.0;
  double seconds = 0.0;
  PhaseSeconds phases;  // they add up to seconds
};

// A few frames and what the network makes of them, on the CPU.
struct Snapshot {
  std::vector<std::string> names;
  torch::Tensor frames, background;  // [n, C, H, W] float32 in [0, 1]
  torch::Tensor soft;                // [n, 1, H, W] float32 in [0, 1]
};

// Singular values in descending order, of the same frames before and after.
struct Spectra {
  std::vector<double> frames;      // of D
  std::vector<double> background;  // of L
};

class Trainer {
 public:
  // Throws UsageError for a recipe that does not fit, e.g. an unknown device.
  // The steps go through the clips in turn; all must have the same number of channels.
  // In several processes, all make the same calls with the same clips: each takes its part of every
  // batch through the network, and all have the weights that one process would have, up to
  // rounding. Each must have a frame of a batch, and calls share_state() before its first step.
  Trainer(const Recipe& recipe, std::vector<Clip> clips, ProcessGroup processes = {});
  ~Trainer();

  // Steps of both phases: train.steps + train.alternating_steps.
  int64_t total_steps() const;
  int64_t next_step() const { return next_step_; }

  // Runs step next_step(). Throws NumericsError naming term and step if the loss is not finite; the
  // weights are then those of the step before.
  StepReport step();

  // What `step` sees: its frames at half the size, or a window of them.
  Batch batch_of_step(int64_t step) const;

  // Frames of the last step, whole, with the network in inference mode.
  Snapshot snapshot();

  // Averages the norms' statistics over the frames of all clips, so that inference sees what
  // training saw.
  void settle_statistics();

  // Objective ||L||_* + lambda0 * l1.weight * ||S||_1 over the fixed batch of the first clip, with
  // the network in inference mode.
  double rpca_objective();
  // The fixed batch as the matrix D: [N, P] float32.
  torch::Tensor fixed_batch() const;
  // Of the fixed batch, with the network in inference mode.
  Spectra spectra();

  const Model& model() const { return model_; }
  Model& model() { return model_; }
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
  Batch batch_at(int64_t step) const;
  StepPlan plan(const Batch& batch) const;
  // width: of the images of a step.
  bool trains_in_bfloat16(int64_t width) const;
  torch::Tensor forward(const Batch& batch, int64_t first, int64_t count);
  NetworkPass pass_of(const Batch& batch);
  LossGradient update(torch::optim::Optimizer& optimizer, const Batch& batch,
                      const Objective& objective, PhaseClock& clock);
  StepReport descend(const Batch& batch, int64_t step, PhaseClock& clock);
  StepReport alternate(const Batch& batch, PhaseClock& clock);
  torch::Tensor output_at_rest(const Batch& batch, int64_t count);

  struct Optimizers;
  Model model_;
  std::vector<Clip> clips_;
  ProcessGroup processes_;
  torch::Device device_;
  bool bfloat16_;
  GradientSum gradient_sum_;
  std::unique_ptr<Optimizers> optimizers_;
  int64_t next_step_ = 0;
};

}  // namespace proxseg
