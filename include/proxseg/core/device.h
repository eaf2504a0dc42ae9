// Devices by name, copies to them, and mixed precision.
#pragma once

#include <torch/types.h>

#include <string>

namespace proxseg {

// "cpu", "cuda" or "cuda:N". Throws UsageError for anything else and for CUDA where there is none.
torch::Device parse_device(const std::string& name);

// x, a tensor of the CPU, on `device`. A GPU copies it from page-locked memory in a stream of its
// own, while the CPU goes on and beside what it computes; only what is queued later waits for it.
torch::Tensor upload(const torch::Tensor& x, torch::Device device);

// What convolutions compute in with these weights: bfloat16 while an AutocastGuard is enabled on
// their device, else their own dtype.
torch::ScalarType computing_type(const torch::Tensor& weights);

// While it lives, convolutions on `device` run in bfloat16 if `enabled`; nothing changes otherwise.
class AutocastGuard {
 public:
  AutocastGuard(torch::Device device, bool enabled);
  ~AutocastGuard();
  AutocastGuard(const AutocastGuard&) = delete;
  AutocastGuard& operator=(const AutocastGuard&) = delete;

 private:
  void set(bool enabled) const;
  torch::Device device_;
  bool enabled_;
};

}  // namespace proxseg
