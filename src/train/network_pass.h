// A batch through the network and back, within the memory of a step. How a batch is cut:
//   over processes  each has some of its frames, and for the low-rank term some rows of pixels of
//                   all frames (parallel/batch_partition.h)
//   into chunks     frames that go through the network at once (here; train/memory.h says how many)
//   into pieces     frames, or rows of pixels, that the loss takes at once (loss_gradient.h)
#pragma once

#include <torch/types.h>

#include <functional>
#include <vector>

#include "core/ranges.h"
#include "proxseg/recipe/model.h"
#include "proxseg/train/memory.h"
#include "proxseg/train/parallel/process_group.h"
#include "train/batch.h"

namespace proxseg {

// The network's output for `count` frames of the batch from frame `first` on, computed in the
// recipe's precision: [count, *, H, W] float32.
torch::Tensor network_output(Model& model, const Batch& batch, int64_t first, int64_t count);

// How much of the batch a step processes at once.
StepPlan plan_of(const Model& model, const Batch& batch, const ProcessGroup& processes);

// This process's frames of a batch. In one chunk, autograd remembers the forward pass. In several,
// outputs() runs without autograd and backward() runs each chunk anew, with it: the same outputs,
// once more the time, and the memory of one chunk (gradient caching, Gao et al. 2021). Both see the
// same chunks, so that a batch norm, whose statistics are those of a chunk, is the same function in
// both.
class NetworkPass {
 public:
  // model and batch must live as long.
  NetworkPass(Model& model, const Batch& batch, const ProcessGroup& processes);

  // Of all the frames, detached: [n, *, H, W] float32.
  torch::Tensor outputs();

  // Adds to the gradients of the network's parameters those of the loss whose gradient with respect
  // to outputs() is given. Calls before_last() before the last chunk's backward pass.
  void backward(const torch::Tensor& gradient, const std::function<void()>& before_last);

 private:
  torch::Tensor forward_chunk(Range chunk) const;

  Model& model_;
  const Batch& batch_;
  Range frames_;
  std::vector<Range> chunks_;  // of frames_, as equal as can be; none is empty
  torch::Tensor remembered_;
};

}  // namespace proxseg
