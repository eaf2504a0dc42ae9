// Devices by name, and mixed precision.
#pragma once

#include <torch/types.h>

#include <string>

namespace proxseg {

// "cpu", "cuda" or "cuda:N". Throws UsageError for anything else and for CUDA where there is none.
torch::Device parse_device(const std::string& name);

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
