// A network's forward pass at rest in bfloat16, and its parts one by one: 8 frames of 320 x 240,
// pixels unshuffled by 2, 16 channels at the top.
#include <benchmark/benchmark.h>
#include <torch/types.h>

#include "measure.h"
#include "nn/kernels/kernels.h"
#include "proxseg/nn/unet.h"

namespace proxseg {
namespace {

constexpr int64_t kFrames = 8;

// [8, channels, height, 4/3 height], channels last.
torch::Tensor images(int64_t channels, int64_t height, torch::ScalarType type = torch::kBFloat16) {
  return torch::randn({kFrames, channels, height, height * 4 / 3})
      .to(type)
      .contiguous(torch::MemoryFormat::ChannelsLast);
}

template <typename Function>
void infer(benchmark::State& state, const Function& function) {
  const torch::InferenceMode inference;
  measure(state, function);
}

void set_rate(benchmark::State& state, double multiply_adds) {
  state.counters["GFLOP/s"] = benchmark::Counter(
      2e-9 * multiply_adds * static_cast<double>(state.iterations()), benchmark::Counter::kIsRate);
}

void forward(benchmark::State& state) {
  UNetOptions options;
  options.in_channels = 6;
  options.out_channels = 1;
  options.channels = 16;
  options.depth = 2;
  options.detail = true;
  options.pixel_unshuffle = 2;
  UNet network(options, /*seed=*/1);
  network.fold_norms();
  network.use_bfloat16();
  const auto x = images(6, 240);
  infer(state, [&] { return network.forward(x); });
  set_rate(state, static_cast<double>(kFrames * network.multiply_adds(240, 320)));
}

void convolution(benchmark::State& state) {
  const int64_t in = state.range(0), out = state.range(1), height = state.range(2);
  const auto weight = torch::randn({out, in, 3, 3}).to(torch::kBFloat16);
  ConvolutionRelu convolve({weight, torch::zeros({out}, torch::kBFloat16)}, /*padding=*/1);
  const auto x = images(in, height);
  infer(state, [&] { return convolve(x); });
  set_rate(state, static_cast<double>(9 * out * x.numel()));
}

void upsampling(benchmark::State& state) {
  const int64_t channels = state.range(0), height = state.range(1);
  const auto x = images(channels, height / 2), beside = images(channels, height);
  infer(state, [&] { return upsample_beside(x, beside); });
}

void stacking(benchmark::State& state) {
  const auto x = images(6, 240);
  infer(state, [&] { return stack_pixels(x, 2, 2); });
}

void output(benchmark::State& state) {
  const auto x = images(16, 120), cells = images(24, 120);
  const Convolution convolution = {torch::randn({4, 40, 1, 1}).to(torch::kBFloat16), {}};
  infer(state, [&] { return output_layer(convolution, x, cells, 2); });
}

BENCHMARK(forward)->Unit(benchmark::kMicrosecond)->UseRealTime();
BENCHMARK(convolution)
    ->ArgNames({"in", "out", "height"})
    ->Args({24, 16, 120})
    ->Args({16, 16, 120})
    ->Args({32, 16, 120})
    ->Args({16, 32, 60})
    ->Args({32, 32, 60})
    ->Args({64, 32, 60})
    ->Args({32, 16, 60})
    ->Args({32, 64, 30})
    ->Args({64, 32, 30})
    ->Args({64, 64, 120})  // the best of all, for comparison
    ->Unit(benchmark::kMicrosecond)
    ->UseRealTime();
BENCHMARK(upsampling)
    ->Args({32, 60})
    ->Args({16, 120})
    ->Unit(benchmark::kMicrosecond)
    ->UseRealTime();
BENCHMARK(stacking)->Unit(benchmark::kMicrosecond)->UseRealTime();
BENCHMARK(output)->Unit(benchmark::kMicrosecond)->UseRealTime();

}  // namespace
}  // namespace proxseg
