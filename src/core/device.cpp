#include "proxseg/core/device.h"

#include <ATen/autocast_mode.h>
#include <c10/core/Event.h>
#include <c10/core/StreamGuard.h>
#include <c10/core/impl/VirtualGuardImpl.h>
#include <fmt/format.h>
#include <torch/version.h>

#include <algorithm>
#include <limits>
#include <mutex>
#include <unordered_map>

#include "proxseg/core/error.h"
#include "proxseg/core/text.h"

// From LibTorch 2.4 on, the functions of autocast take the device.
#if TORCH_VERSION_MAJOR > 2 || (TORCH_VERSION_MAJOR == 2 && TORCH_VERSION_MINOR >= 4)
#define PROXSEG_AUTOCAST_BY_DEVICE
#endif

namespace proxseg {
namespace {

// The stream of all copies to this GPU, beside that of its computations.
c10::Stream copies_to(torch::Device gpu) {
  static std::mutex mutex;
  static std::unordered_map<torch::Device, c10::Stream> streams;
  const std::lock_guard lock(mutex);
  const auto known = streams.find(gpu);
  if (known != streams.end()) return known->second;
  const c10::impl::VirtualGuardImpl guard(gpu.type());
  return streams.emplace(gpu, guard.getStreamFromGlobalPool(gpu)).first->second;
}

torch::Tensor upload_to_gpu(const torch::Tensor& x, torch::Device gpu) {
  const c10::Stream copies = copies_to(gpu);
  const c10::Stream computations = c10::impl::VirtualGuardImpl(gpu.type()).getStream(gpu);
  c10::Event copied(gpu.type());
  const c10::StreamGuard guard(copies);
  torch::Tensor y = x.pin_memory().to(gpu, /*non_blocking=*/true);
  copied.record(copies);
  copied.block(computations);
  y.record_stream(computations);
  return y;
}

bool is_autocast(torch::Device device) {
#ifdef PROXSEG_AUTOCAST_BY_DEVICE
  return at::autocast::is_autocast_enabled(device.type());
#else
  return device.is_cuda() ? at::autocast::is_enabled() : at::autocast::is_cpu_enabled();
#endif
}

}  // namespace

bool is_device_name(std::string_view name) {
  constexpr std::string_view kGpu = "cuda:";
  if (name == "cpu" || name == "cuda") return true;
  const auto index = parse_number<int>(name.substr(std::min(name.size(), kGpu.size())));
  return name.starts_with(kGpu) && index && *index >= 0 &&
         *index <= std::numeric_limits<torch::DeviceIndex>::max();
}

torch::Device parse_device(const std::string& name) {
  if (!is_device_name(name)) {
    throw UsageError(fmt::format("device '{}' is not known", name), "Use cpu, cuda or cuda:N.");
  }
  if (name == "cpu") return torch::kCPU;
  if (!at::hasCUDA()) {
    throw UsageError(fmt::format("device '{}': this LibTorch sees no CUDA device", name),
                     "Use --device cpu, or a LibTorch built with CUDA on a machine with a GPU.");
  }
  const torch::Device device(name);
  const int64_t count = c10::impl::VirtualGuardImpl(device.type()).deviceCount();
  if (device.index() >= count) {
    throw UsageError(fmt::format("device '{}': there {} here", name,
                                 count == 1 ? "is 1 GPU" : fmt::format("are {} GPUs", count)),
                     "GPUs count from cuda:0.");
  }
  return device;
}

torch::Tensor upload(const torch::Tensor& x, torch::Device device) {
  return device.is_cuda() ? upload_to_gpu(x, device) : x.to(device);
}

torch::ScalarType computing_type(const torch::Tensor& weights) {
  return is_autocast(weights.device()) ? torch::kBFloat16 : weights.scalar_type();
}

AutocastGuard::AutocastGuard(torch::Device device, bool enabled)
    : device_(device), enabled_(enabled), was_enabled_(is_autocast(device)) {
  if (enabled_) set(true);
}

AutocastGuard::~AutocastGuard() {
  if (!enabled_) return;
  if (!was_enabled_) at::autocast::clear_cache();
  set(was_enabled_);
}

void AutocastGuard::set(bool enabled) const {
#ifdef PROXSEG_AUTOCAST_BY_DEVICE
  at::autocast::set_autocast_dtype(device_.type(), at::kBFloat16);
  at::autocast::set_autocast_enabled(device_.type(), enabled);
#else
  if (device_.is_cuda()) {
    at::autocast::set_autocast_gpu_dtype(at::kBFloat16);
    at::autocast::set_enabled(enabled);
  } else {
    at::autocast::set_autocast_cpu_dtype(at::kBFloat16);
    at::autocast::set_cpu_enabled(enabled);
  }
#endif
}

}  // namespace proxseg
