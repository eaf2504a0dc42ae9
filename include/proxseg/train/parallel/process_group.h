// Processes that train one network together, over LibTorch's c10d: Gloo on the CPU, NCCL on GPUs
// where LibTorch has it. Every process of a group calls the same functions in the same order.
#pragma once

#include <torch/types.h>

#include <memory>
#include <string>
#include <vector>

#include "proxseg/train/parallel/launch.h"

namespace proxseg {

// A handle: copies are the same group. Everything that talks to the other processes throws
// PeerError when one of them has ended, with Gloo within seconds if its connections close, or has not
// answered for ten minutes. The program must ignore or handle SIGPIPE: a message to a process that has ended raises it.
class ProcessGroup {
 public:
  // This process alone: a sum is the tensor itself, and nothing is sent.
  ProcessGroup() = default;

  // Waits until all processes of the launch have joined, for five minutes at most. device: where
  // the tensors lie that will be summed. Throws PeerError; UsageError if this build has no c10d.
  ProcessGroup(const Launch& launch, torch::Device device);

  int64_t rank() const;
  int64_t size() const;
  bool is_first() const { return rank() == 0; }
  // Of several processes: the device that this one computes on.
  torch::Device device() const;

  // Replaces x by its sum over the processes, the same bits in all of them. x: on any device, of
  // the same shape and dtype in every process.
  void sum(torch::Tensor& x) const;
  // Replaces x by that of rank 0.
  void broadcast(torch::Tensor& x) const;
  // The bytes of rank 0, of any length.
  std::string broadcast(const std::string& bytes) const;
  // Sends sent[r], flat, to rank r and returns what every rank has sent to this one, in the order
  // of the ranks: sizes[r] values from rank r. All of one dtype, on the CPU or the group's device.
  torch::Tensor exchange(const std::vector<torch::Tensor>& sent,
                         const std::vector<int64_t>& sizes) const;
  // Whether it holds in at least one of the processes.
  bool any(bool holds) const;

 private:
  friend class GradientSum;
  struct Impl;
  std::shared_ptr<Impl> impl_;
};

// Sums the gradients of parameters over the processes, bucket by bucket, while the backward pass
// that computes them goes on.
class GradientSum {
 public:
  // parameters: leaves with gradients, the same in every process.
  GradientSum(ProcessGroup group, std::vector<torch::Tensor> parameters);
  ~GradientSum();
  GradientSum(const GradientSum&) = delete;
  GradientSum& operator=(const GradientSum&) = delete;

  // Announces that the next backward pass is the last one before the sum.
  void begin();
  // Waits until every parameter's gradient is the sum.
  void finish();

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;  // null when there is one process only
};

}  // namespace proxseg
