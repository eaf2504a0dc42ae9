// Frames through the network and back, within the memory that a step may take.
#pragma once

#include <torch/types.h>

#include <functional>
#include <vector>

#include "train/parallel/share.h"

namespace proxseg {

// In one chunk, autograd remembers the forward pass. In several, outputs() runs without autograd
// and backward() runs each chunk anew, with it: the same outputs, once more the time, and the
// memory of one chunk (gradient caching, Gao et al. 2021). Both see the same chunks, so that a
// batch norm, whose statistics are those of a chunk, is the same function in both.
class NetworkPass {
 public:
  // The network's output for `count` frames from frame `first` on: [count, *, H, W] float32.
  using Forward = std::function<torch::Tensor(int64_t first, int64_t count)>;

  // Cuts `frames` into `chunks` chunks as equal as can be; none is empty.
  NetworkPass(Forward forward, Range frames, int64_t chunks);

  // Of all the frames, detached.
  torch::Tensor outputs();

  // Adds to the gradients of the network's parameters those of the loss whose gradient with respect
  // to outputs() is given. Calls before_last() before the last chunk's backward pass.
  void backward(const torch::Tensor& gradient, const std::function<void()>& before_last);

 private:
  Forward forward_;
  int64_t first_;
  std::vector<Range> chunks_;
  torch::Tensor remembered_;
};

}  // namespace proxseg
