// Devices by name, copies to them, and mixed precision.
#pragma once

#include <torch/types.h>

#include <string>
#include <string_view>

namespace proxseg {

// Whether that is "cpu", "cuda" or "cuda:N", whatever GPUs there are.
bool is_device_name(std::string_view name);

// The device of such a name. Throws UsageError for anything else and for a GPU that is not there.
torch::Device parse_device(const std::string& name);

// Copies x from the CPU to `device`. A GPU copies from page-locked memory in a separate stream, in
// parallel with the CPU and with its own computations; only work queued later waits for the copy.
torch::Tensor upload(const torch::Tensor& x, torch::Device device);

// The type in which convolutions with these weights compute: bfloat16 while an AutocastGuard is
// enabled on their device, else their own type.
torch::ScalarType computing_type(const torch::Tensor& weights);

// Convolutions on `device` run in bfloat16 during its lifetime if `enabled`; else nothing changes.
// Guards nest: each restores whether autocast was on. Its type stays bfloat16.
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
  bool was_enabled_;
};

}  // namespace proxseg
