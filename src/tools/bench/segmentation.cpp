#include "tools/bench/segmentation.h"

#include <fmt/format.h>
#include <torch/types.h>

#include <algorithm>

#include "proxseg/media/transform.h"
#include "proxseg/segment/methods.h"
#include "proxseg/segment/network_segmenter.h"
#include "proxseg/segment/session.h"
#include "proxseg/train/evaluation.h"
#include "proxseg/train/trainer.h"
#include "tools/bench/timing.h"

namespace proxseg {
namespace fs = std::filesystem;
namespace {

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
      const auto first = frames.begin() + static_cast<std::ptrdiff_t>(i);
      const auto last =
          frames.begin() + static_cast<std::ptrdiff_t>(std::min(i + batch, frames.size()));
      segmenter.segment({first, last}, {Product::kMask});
    }
  });
  return static_cast<double>(frames.size()) / seconds;
}

double end_to_end(Segmenter& segmenter, const fs::path& sequence, const fs::path& masks) {
  ExportOptions options;
  options.force = true;
  const NamedSequence named = {sequence.string(), "sequence"};
  const SequenceResult result = infer_sequence(segmenter, named, masks, {}, options);
  return static_cast<double>(result.segmented) / result.seconds;
}

// Rates of one segmenter on the sequence, whose name and network are filled in by the caller.
InferenceRate measure(Segmenter& segmenter, const fs::path& sequence, const fs::path& masks) {
  const auto frames = read_frames(sequence);
  InferenceRate rate;
  rate.size = frames.front().size();
  rate.batch = segmenter.batch();
  rate.end_to_end = end_to_end(segmenter, sequence, masks);
  rate.frames_per_second = frames_per_second(segmenter, frames);
  return rate;
}

double network_rate(Model& model, cv::Size frame, int64_t batch) {
  const torch::InferenceMode inference;
  const cv::Size size = scaled_size(frame, model.recipe.input.scale, model.recipe.input.pixels);
  const bool bfloat16 = model.recipe.precision == Precision::kBFloat16;
  if (bfloat16) model.network.use_bfloat16();
  const auto x = torch::rand({batch, model.network.options().in_channels, size.height, size.width})
                     .to(bfloat16 ? torch::kBFloat16 : torch::kFloat32)
                     .contiguous(torch::MemoryFormat::ChannelsLast);  // as frames come to it
  const double seconds = seconds_per_call([&] { model.network.forward(x); });
  const auto operations = 2 * batch * model.network.multiply_adds(size.height, size.width);
  return static_cast<double>(operations) / seconds * 1e-9;
}

}  // namespace

TrainingRate measure_training(const std::string& name, int64_t threads, const fs::path& sequence,
                              const fs::path& model) {
  constexpr int64_t kWarmUp = 2, kSteps = 40;
  Recipe recipe = resolve_recipe(name).recipe;
  recipe.threads = threads;
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

InferenceRate measure_network(const fs::path& path, Precision precision, int64_t batch,
                              const fs::path& sequence, const fs::path& masks) {
  const std::vector<Override> overrides = {
      {precision == Precision::kBFloat16 ? "precision=bf16" : "precision=fp32"},
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

}  // namespace proxseg
