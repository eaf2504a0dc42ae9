#include <torch/nn/functional/conv.h>
#include <torch/types.h>

#include "proxseg/core/device.h"
#include "proxseg/core/threads.h"
#include "proxseg/tools/bench/benchmark.h"
#include "tools/bench/stopwatch.h"

namespace proxseg {
namespace {

double convolution_rate(bool bfloat16) {
  constexpr int64_t kBatch = 8, kChannels = 64, kHeight = 120, kWidth = 160;
  constexpr double kOperations = 2.0 * 9 * kChannels * kChannels * kBatch * kHeight * kWidth;
  const torch::NoGradGuard no_grad;
  const AutocastGuard autocast(torch::kCPU, bfloat16);
  const auto x = torch::rand({kBatch, kChannels, kHeight, kWidth})
                     .contiguous(torch::MemoryFormat::ChannelsLast)
                     .to(bfloat16 ? torch::kBFloat16 : torch::kFloat32);
  const auto weight =
      torch::rand({kChannels, kChannels, 3, 3}).contiguous(torch::MemoryFormat::ChannelsLast);
  const double seconds = seconds_per_call([&] { torch::conv2d(x, weight, {}, 1, 1); });
  return kOperations / seconds * 1e-9;
}

double copy_rate() {
  constexpr int64_t kFloats = 16 << 20;
  const auto from = torch::rand({kFloats});
  auto to = torch::empty_like(from);
  return 2.0 * sizeof(float) * kFloats / seconds_per_call([&] { to.copy_(from); }) * 1e-9;
}

}  // namespace

MachineLimits measure_limits() {
  return {convolution_rate(false), cpu_has_bfloat16() ? convolution_rate(true) : 0.0, copy_rate()};
}

}  // namespace proxseg
