// Processes that train one network together, over LibTorch's c10d: Gloo on the CPU, NCCL on GPUs
// where LibTorch has it. Every process of a group calls the same functions in the same order.
#pragma once

#include <torch/types.h>

#include <memory>
#include <string>
#include <vector>

#include "proxseg/train/parallel/launch.h"

namespace proxseg {

// A handle: copies are the same group. All but the constructors throw PeerError where another
// process has ended or has not answered for ten minutes.
class ProcessGroup {
 public:
  // This process alone: sums are what is given, and nothing is sent.
  ProcessGroup() = default;

  // Waits until all processes of launch are there, five minutes at most. device: of the tensors
  // that will be summed. Throws PeerError; UsageError where this build has no c10d.
  ProcessGroup(const Launch& launch, torch::Device device);

  int64_t rank() const;
  int64_t size() const;
  bool is_first() const { return rank() == 0; }

  // Replaces x by its sum over the processes, the same bits in all of them. x: on any device, of
  // the same shape and dtype everywhere.
  void sum(torch::Tensor& x) const;
  // Replaces x by the first process's.
  void broadcast(torch::Tensor& x) const;
  // The first process's bytes, of any length.
  std::string broadcast(const std::string& bytes) const;
  // Sends sent[r], flat, to process r, and returns what all have sent to this one, joined in their
  // order: sizes[r] values from process r. All of one dtype, on the CPU or the group's device.
  torch::Tensor exchange(const std::vector<torch::Tensor>& sent,
                         const std::vector<int64_t>& sizes) const;
  // It holds in one of the processes.
  bool any(bool holds) const;

 private:
  friend class GradientSum;
  struct Impl;
  std::shared_ptr<Impl> impl_;
};

// Sums the gradients of parameters over the processes, bucket by bucket while the backward pass
// that makes them goes on.
class GradientSum {
 public:
  // parameters: leaves with gradients, the same in every process.
  GradientSum(ProcessGroup group, std::vector<torch::Tensor> parameters);
  ~GradientSum();
  GradientSum(const GradientSum&) = delete;
  GradientSum& operator=(const GradientSum&) = delete;

  // The next backward pass is the last one before the sum.
  void begin();
  // Waits until every parameter's gradient is the sum.
  void finish();

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;  // null in a process alone
};

}  // namespace proxseg
