#include "proxseg/tools/bench.h"

#include <fmt/format.h>
#include <torch/nn/functional/conv.h>
#include <torch/types.h>

#include "proxseg/core/device.h"
#include "proxseg/core/process.h"
#include "proxseg/core/temporary_folder.h"
#include "proxseg/tools/synth.h"
#include "tools/bench/segmentation.h"
#include "tools/bench/timing.h"

namespace proxseg {
namespace fs = std::filesystem;
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

using Announce = std::function<void(const std::string&)>;

void measure_recipe(const std::string& recipe, const BenchmarkOptions& options,
                    const fs::path& sequence, const fs::path& masks, Benchmark& benchmark) {
  const fs::path model = masks / (recipe + ".safetensors");
  benchmark.training.push_back(measure_training(recipe, options.threads, sequence, model));
  for (const Precision precision : options.precisions) {
    for (const int64_t batch : options.batches) {
      benchmark.inference.push_back(measure_network(model, precision, batch, sequence, masks));
      benchmark.inference.back().method = recipe;
    }
  }
}

void measure_size(cv::Size size, const BenchmarkOptions& options, const Announce& announce,
                  Benchmark& benchmark) {
  const TemporaryFolder folder;
  const fs::path sequence = folder / "sequence", masks = folder / "masks";
  SynthOptions scene;
  scene.width = size.width;
  scene.height = size.height;
  scene.frames = options.frames;
  generate_sequence(scene, sequence);
  fs::create_directories(masks);
  for (const std::string& recipe : options.recipes) {
    announce(fmt::format("{} at {} x {}", recipe, size.width, size.height));
    measure_recipe(recipe, options, sequence, masks, benchmark);
  }
  for (const std::string& name : options.baselines) {
    announce(fmt::format("{} at {} x {}", name, size.width, size.height));
    benchmark.inference.push_back(measure_baseline(name, sequence, masks));
  }
}

}  // namespace

MachineLimits measure_limits() {
  return {convolution_rate(false), cpu_has_bfloat16() ? convolution_rate(true) : 0.0, copy_rate()};
}

Benchmark run_benchmark(const BenchmarkOptions& options, const Announce& announce) {
  Benchmark benchmark;
  announce("the machine's limits");
  benchmark.limits = measure_limits();
  announce("the nuclear norm");
  benchmark.priors = measure_priors();
  for (const cv::Size size : options.sizes) measure_size(size, options, announce, benchmark);
  return benchmark;
}

}  // namespace proxseg
