// A batch through the network and back, within the memory that a step may take, and in as many
// processes as there are.
#pragma once

#include <torch/types.h>

#include <functional>
#include <vector>

#include "proxseg/distributed/process_group.h"

namespace proxseg {

// In one chunk, autograd remembers the forward pass. In several, outputs() runs without autograd
// and backward() runs each chunk anew, with it: the same outputs, once more the time, and the
// memory of one chunk (gradient caching, Gao et al. 2021). Both see the same chunks, so that a
// batch norm, whose statistics are those of a chunk, is the same function in both. Each process
// takes its part of every chunk; the outputs of all of them are gathered.
class NetworkPass {
 public:
  // The network's output for `count` frames from frame `first` on: [count, *, H, W] float32.
  using Forward = std::function<torch::Tensor(int64_t first, int64_t count)>;

  // Cuts `frames` frames into `chunks` chunks as equal as can be, and these into parts, one for
  // each process; none is empty.
  NetworkPass(Forward forward, const ProcessGroup& processes, int64_t frames, int64_t chunks);

  // Of all frames, detached.
  torch::Tensor outputs();

  // Adds to the gradients of the network's parameters those of the loss whose gradient with respect
  // to outputs() is given. Calls before_last() before the last chunk's backward pass.
  void backward(const torch::Tensor& gradient, const std::function<void()>& before_last);

 private:
  struct Part {
    int64_t first, count;
  };
  torch::Tensor gather(const std::vector<torch::Tensor>& outputs) const;

  Forward forward_;
  ProcessGroup processes_;
  int64_t frames_;
  std::vector<Part> parts_;  // of this process, one a chunk
  torch::Tensor remembered_;
};

}  // namespace proxseg
