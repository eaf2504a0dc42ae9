#include "proxseg/tools/bench.h"

#include <fmt/format.h>
#include <torch/nn/functional/conv.h>
#include <torch/types.h>

#include <algorithm>
#include <filesystem>

#include "proxseg/core/device.h"
#include "proxseg/core/process.h"
#include "proxseg/core/temporary_folder.h"
#include "proxseg/media/transform.h"
#include "proxseg/segment/methods.h"
#include "proxseg/segment/network_segmenter.h"
#include "proxseg/segment/session.h"
#include "proxseg/tools/synth.h"
#include "proxseg/train/evaluation.h"
#include "proxseg/train/trainer.h"
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

std::vector<cv::Mat> read_frames(const fs::path& sequence) {
  const auto source = open_source(sequence.string());
  std::vector<cv::Mat> frames;
  while (auto frame = source->next()) frames.push_back(std::move(frame->image));
  return frames;
}

// From frames in memory to masks in memory.
double frames_per_second(Segmenter& segmenter, const std::vector<cv::Mat>& frames) {
  const auto batch = static_cast<size_t>(segmenter.batch());
  const double seconds = seconds_per_call([&] {
    for (size_t i = 0; i < frames.size(); i += batch) {
      const auto* const last = frames.data() + std::min(i + batch, frames.size());
      segmenter.segment({frames.data() + i, last}, {Product::kMask});
    }
  });
  return static_cast<double>(frames.size()) / seconds;
}

double end_to_end(Segmenter& segmenter, const fs::path& sequence, const fs::path& masks) {
  const SequenceResult result =
      infer_sequence(segmenter, {sequence.string(), "sequence"}, masks, {}, {.force = true});
  return static_cast<double>(result.segmented) / result.seconds;
}

// Rates of one segmenter on the sequence, whose name and network are filled in by the caller.
InferenceRate measure(Segmenter& segmenter, const fs::path& sequence, const fs::path& masks) {
  const auto frames = read_frames(sequence);
  InferenceRate rate;
  rate.size = frames.front().size();
  rate.batch = segmenter.batch();
  rate.end_to_end = end_to_end(segmenter, sequence, masks);
  segmenter.begin(open_source(sequence.string())->info(), {Product::kMask});  // of whole frames
  rate.frames_per_second = frames_per_second(segmenter, frames);
  return rate;
}

// On the device of the model's recipe.
double network_rate(Model& model, cv::Size frame, int64_t batch) {
  const torch::InferenceMode inference;
  const cv::Size size = scaled_size(frame, model.recipe.input.scale, model.recipe.input.pixels);
  const bool bfloat16 = model.recipe.precision == Precision::kBFloat16;
  const torch::Device device = parse_device(model.recipe.device);
  model.network.to(device);
  if (bfloat16) model.network.use_bfloat16();
  const auto x = torch::rand({batch, model.network.options().in_channels, size.height, size.width})
                     .to(device, bfloat16 ? torch::kBFloat16 : torch::kFloat32)
                     .contiguous(torch::MemoryFormat::ChannelsLast);  // as frames come to it
  // A GPU has computed the output once a value of it is here.
  const double seconds =
      seconds_per_call([&] { model.network.forward(x).flatten()[0].item<float>(); });
  const auto operations = 2 * batch * model.network.multiply_adds(size.height, size.width);
  return static_cast<double>(operations) / seconds * 1e-9;
}

// Trains a network for a few steps, enough for plausible masks, and saves it to model.
TrainingRate measure_training(const std::string& name, const BenchmarkOptions& options,
                              const fs::path& sequence, const fs::path& model) {
  constexpr int64_t kWarmUp = 2, kSteps = 40;
  Recipe recipe = resolve_recipe(name).recipe;
  recipe.threads = options.threads;
  recipe.device = options.device;
  recipe.train.steps = kWarmUp + kSteps;
  recipe.train.half_size = 0.0;
  recipe.train.window = 1.0;
  std::vector<Clip> clips;
  clips.push_back(load_clip(sequence.string(), recipe));
  TrainingRate rate = {name, open_source(sequence.string())->info().size};
  Trainer trainer(recipe, std::move(clips));
  for (int64_t i = 0; i < kWarmUp; ++i) trainer.step();
  rate.steps_per_second = kSteps / seconds_of([&] {
                            for (int64_t i = 0; i < kSteps; ++i) trainer.step();
                          });
  settle_statistics(trainer.model(), trainer.clips());
  save_model(model, trainer.model());
  return rate;
}

// Rates of a saved network. masks: folder to write to.
InferenceRate measure_network(const fs::path& path, const std::string& device, Precision precision,
                              int64_t batch, const fs::path& sequence, const fs::path& masks) {
  const std::vector<Override> overrides = {{"device=" + device},
                                           {"precision=" + name_of(precision)},
                                           {fmt::format("infer.batch={}", batch)}};
  NetworkSegmenter segmenter(load_model(path, overrides));
  InferenceRate rate = measure(segmenter, sequence, masks);
  rate.precision = precision;
  Model alone = load_model(path, overrides);
  alone.network.fold_norms();
  rate.network = network_rate(alone, rate.size, batch);
  return rate;
}

InferenceRate measure_baseline(const std::string& name, const fs::path& sequence,
                               const fs::path& masks) {
  const auto segmenter = make_baseline(name, Recipe{});
  InferenceRate rate = measure(*segmenter, sequence, masks);
  rate.method = name;
  return rate;
}

using Announce = std::function<void(const std::string&)>;

void measure_recipe(const std::string& recipe, const BenchmarkOptions& options,
                    const fs::path& sequence, const fs::path& masks, Benchmark& benchmark) {
  const fs::path model = masks / (recipe + ".safetensors");
  benchmark.training.push_back(measure_training(recipe, options, sequence, model));
  for (const Precision precision : options.precisions) {
    for (const int64_t batch : options.batches) {
      benchmark.inference.push_back(
          measure_network(model, options.device, precision, batch, sequence, masks));
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
  return {convolution_rate(false), cpu_gains_by_bfloat16() ? convolution_rate(true) : 0.0,
          copy_rate()};
}

Benchmark run_benchmark(const BenchmarkOptions& options, const Announce& announce) {
  parse_device(options.device);  // throws before anything is measured
  Benchmark benchmark;
  benchmark.device = options.device;
  announce("the machine's limits");
  benchmark.limits = measure_limits();
  announce("the nuclear norm");
  benchmark.priors = measure_priors();
  for (const cv::Size size : options.sizes) measure_size(size, options, announce, benchmark);
  return benchmark;
}

}  // namespace proxseg
