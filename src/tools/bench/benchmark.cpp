#include "proxseg/tools/bench/benchmark.h"

#include <fmt/format.h>

#include "proxseg/core/temporary_folder.h"
#include "proxseg/tools/synth/sequence.h"
#include "tools/bench/segmentation.h"

namespace proxseg {
namespace fs = std::filesystem;
namespace {

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
