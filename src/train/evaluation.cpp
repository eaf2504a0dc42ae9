#include "proxseg/train/evaluation.h"

#include <ATen/CPUGeneratorImpl.h>

#include <algorithm>
#include <cmath>
#include <opencv2/imgproc.hpp>

#include "proxseg/core/statistics.h"
#include "proxseg/core/text.h"
#include "proxseg/prox/rpca.h"
#include "proxseg/prox/spectral.h"
#include "proxseg/scene/mask.h"
#include "proxseg/scene/network_input.h"
#include "proxseg/scene/shadow.h"
#include "proxseg/train/loss.h"
#include "train/batch.h"
#include "train/loss_gradient.h"
#include "train/network_pass.h"

namespace proxseg {
namespace {

// The network's output for the first `count` frames in inference mode; frame by frame, for as
// little memory as possible.
torch::Tensor output_at_rest(Model& model, const Batch& batch, int64_t count) {
  const torch::NoGradGuard no_grad;
  model.network.train(false);
  std::vector<torch::Tensor> outputs;
  for (int64_t i = 0; i < count; ++i) outputs.push_back(network_output(model, batch, i, 1));
  return torch::cat(outputs);
}

Decomposition decomposition_at_rest(Model& model, const Batch& batch, int64_t count) {
  return decompose(model.recipe.model.form, output_at_rest(model, batch, count),
                   batch.frames(0, count), batch.scene_of(0, count));
}

std::vector<double> singular_values(const torch::Tensor& gram) {
  const auto s = spectrum_of_gram(gram).singular_values.contiguous();
  return {s.data_ptr<double>(), s.data_ptr<double>() + s.numel()};
}

// ---- score

constexpr int64_t kFramesPerClip = 24;
constexpr size_t kBatch = 4;
constexpr double kNoise = 3.0 / 255.0;

// |x(right) - x(left)| + |x(lower) - x(upper)|, the mean over channels: [N, 1, H, W].
torch::Tensor gradient_magnitude(const torch::Tensor& x) {
  const auto padded = torch::replication_pad2d(x, {1, 1, 1, 1});
  const int64_t h = x.size(2), w = x.size(3);
  const auto dx = padded.narrow(2, 1, h).narrow(3, 2, w) - padded.narrow(2, 1, h).narrow(3, 0, w);
  const auto dy = padded.narrow(3, 1, w).narrow(2, 2, h) - padded.narrow(3, 1, w).narrow(2, 0, h);
  return (dx.abs() + dy.abs()).mean(1, /*keepdim=*/true);
}

// Pixels of a mask of 0 and 1 that have a neighbour of the other value.
torch::Tensor contours_of(const torch::Tensor& mask) {
  const auto dilated = torch::max_pool2d(mask, 3, 1, 1);
  const auto eroded = -torch::max_pool2d(-mask, 3, 1, 1);
  return dilated - eroded;
}

// Sums of the gradient's magnitude along contours.
struct Edges {
  double frame = 0.0, background = 0.0;

  void add(const torch::Tensor& masks, const torch::Tensor& frames, const torch::Tensor& scene) {
    const auto contours = contours_of(masks);
    frame += (contours * gradient_magnitude(frames)).sum().item<double>();
    background += (contours * gradient_magnitude(scene)).sum().item<double>();
  }
  double share() const { return frame + background > 0.0 ? frame / (frame + background) : 0.0; }
};

// Of Dice's coefficient 2 |A and B| / (|A| + |B|).
struct Overlap {
  double common = 0.0, sizes = 0.0;

  void add(const torch::Tensor& a, const torch::Tensor& b) {
    common += (a * b).sum().item<double>();
    sizes += (a + b).sum().item<double>();
  }
  double dice() const { return sizes > 0.0 ? 2.0 * common / sizes : 0.0; }
};

// What is counted of the masks of a clip.
struct Count {
  MaskFacts facts;
  std::vector<double> areas;  // of pieces, as parts of the frame

  // masks: [N, 1, H, W] float32.
  void add(const torch::Tensor& masks) {
    constexpr int kLeast = 9;
    const torch::Tensor bytes = masks.to(torch::kUInt8).cpu().contiguous();
    for (int64_t i = 0; i < bytes.size(0); ++i) {
      const cv::Mat mask(static_cast<int>(masks.size(2)), static_cast<int>(masks.size(3)), CV_8U,
                         bytes[i].data_ptr<uint8_t>());
      facts.add(mask);
      cv::Mat labels, stats, centroids;
      const int count = cv::connectedComponentsWithStats(mask, labels, stats, centroids);
      for (int k = 1; k < count; ++k) {
        const int area = stats.at<int>(k, cv::CC_STAT_AREA);
        if (area >= kLeast) areas.push_back(area / static_cast<double>(mask.total()));
      }
    }
  }

  double typical_area() const { return areas.empty() ? 0.0 : upper_median(areas); }
};

class Judge {
 public:
  explicit Judge(Model& model)
      : model_(model), generator_(at::detail::createCPUGenerator(model.recipe.seed)) {
    model_.network.train(false);
  }

  void add(const SceneTensors& scene, const torch::Tensor& frames, Count& counted) {
    const auto mask = mask_of(scene, frames);
    counted.add(mask);
    const auto mirror = [](const torch::Tensor& x) { return x.flip(3); };
    const auto mirrored = mirror(mask_of(changed(scene, mirror), mirror(frames)));
    const auto noise = torch::randn(frames.sizes(), generator_).to(frames.device());
    const auto noisy = (frames + kNoise * noise).clamp(0, 1);
    overlap_.add(mask, mirrored);
    overlap_.add(mask, mask_of(scene, noisy));
    edges_.add(mask, frames, scene.background);
    has_scale_ = scene.scale.defined();
    if (!has_scale_) return;
    const cv::Size size(static_cast<int>(frames.size(3)), static_cast<int>(frames.size(2)));
    evidence_.add(mask, evidence_of(frames, scene, odd_side(model_.recipe.mask.median, size)));
  }

  LabelFreeScore score() const {
    const double stability = overlap_.dice(), contours = edges_.share();
    const double evidence = evidence_.dice(), quality = std::sqrt(stability * contours);
    LabelFreeScore score;
    score.stability = stability;
    score.contours = contours;
    score.evidence = evidence;
    score.value = has_scale_ ? std::sqrt(quality * evidence) : quality;
    return score;
  }

 private:
  torch::Tensor mask_of(const SceneTensors& scene, const torch::Tensor& frames) {
    const Form form = model_.recipe.model.form;
    const auto input = network_input(form, frames, scene);
    const auto soft = soft_mask(form, model_.network.forward(input), scene);
    return (soft > model_.recipe.mask.threshold).to(torch::kFloat32);
  }

  Model& model_;
  at::Generator generator_;
  Overlap overlap_, evidence_;
  Edges edges_;
  bool has_scale_ = false;
};

}  // namespace

void settle_statistics(Model& model, const std::vector<Clip>& clips,
                       const ProcessGroup& processes) {
  if (model.recipe.model.unet.norm != Norm::kBatch) return;
  // Of many clips, each is one of many; at least one batch of each.
  constexpr int64_t kBatches = 256, kBatchesPerClip = 16;
  const TrainOptions& options = model.recipe.train;
  const int64_t first = options.steps + options.alternating_steps;
  const auto count = static_cast<int64_t>(clips.size());
  const int64_t batches = options.sampling == Sampling::kFixed
                              ? 1
                              : std::clamp(kBatches / count, int64_t{1}, kBatchesPerClip);
  const torch::NoGradGuard no_grad;
  model.network.begin_statistics();
  for (int64_t i = 0; i < batches * count; ++i) {
    const Batch batch = batch_at(model.recipe, clips, first + i);
    NetworkPass(model, batch, processes).outputs();
  }
  model.network.finish_statistics();
}

Snapshot snapshot_of(Model& model, const std::vector<Clip>& clips, int64_t step) {
  constexpr int64_t kFrames = 4;
  const Batch batch = batch_at(model.recipe, clips, step);
  const int64_t count = std::min(kFrames, batch.bytes.size(0));
  const Decomposition d = decomposition_at_rest(model, batch, count);
  return {{batch.names.begin(), batch.names.begin() + count},
          batch.frames(0, count).cpu(),
          d.background.cpu(),
          d.mask.cpu()};
}

Spectra spectra_of(Model& model, const std::vector<Clip>& clips) {
  const Batch batch = batch_at(model.recipe, clips, 0);
  const Grams grams =
      grams_of(batch, output_at_rest(model, batch, batch.bytes.size(0)), model.recipe);
  return {singular_values(grams.frames), singular_values(grams.background)};
}

bool has_rpca_objective(const Recipe& recipe) {
  const LossOptions& loss = recipe.loss;
  return recipe.model.form == Form::kSigned && recipe.background.noise_floor == 0.0 &&
         recipe.train.sampling == Sampling::kFixed &&
         loss.nuclear.penalty == SpectralPenalty::kNuclear && loss.nuclear_weight == 1.0 &&
         loss.l1.weight > 0.0 && loss.l1.on == PriorTarget::kForeground &&
         loss.group_l1.weight == 0.0 && loss.tv.weight == 0.0;
}

RpcaGap measure_rpca_gap(Model& model, const std::vector<Clip>& clips) {
  const Batch batch = batch_at(model.recipe, clips, 0);
  const int64_t count = batch.bytes.size(0);
  const Decomposition d = decomposition_at_rest(model, batch, count);
  RpcaOptions options;
  options.lambda = model.recipe.loss.l1.weight * lambda0(d.background);
  const double nuclear = spectrum(d.background.flatten(1)).singular_values.sum().item<double>();
  const double l1 = d.foreground.abs().sum(torch::kFloat64).item<double>();
  return {nuclear + options.lambda * l1,
          rpca(batch.frames(0, count).flatten(1), options).objective};
}

torch::Tensor evidence_of(const torch::Tensor& frames, const SceneTensors& scene, int64_t side) {
  const SceneTensors shaded = apply_shading(scene, shading_of(frames, scene));
  const auto units = (frames - shaded.background).abs().amax(1, /*keepdim=*/true) / scene.scale;
  const auto differs = (units > 1.0).to(torch::kFloat32);
  return (torch::avg_pool2d(differs, side, 1, side / 2) > 0.5).to(torch::kFloat32);
}

double loss_at_rest(Model& model, const std::vector<Clip>& clips) {
  double sum = 0.0;
  int64_t frames = 0;
  for (const Clip& clip : clips) {
    const Batch batch =
        with_shading(batch_of(clip, spread_evenly(kFramesPerClip, clip.frames.size(0))));
    const int64_t count = batch.bytes.size(0);
    const LossGradient loss = loss_gradient_in_pieces(batch, output_at_rest(model, batch, count),
                                                      model.recipe, Objective{});
    for (const auto& [name, term] : loss.terms) sum += term * static_cast<double>(count);
    frames += count;
  }
  return sum / static_cast<double>(frames);
}

LabelFreeScore label_free_score(Model& model, const std::vector<Clip>& clips) {
  const torch::NoGradGuard no_grad;
  Judge judge(model);
  std::vector<Count> counts;
  for (const Clip& clip : clips) {
    counts.emplace_back().facts.frames = clip.frames.size(0);
    const std::vector<int64_t> chosen = spread_evenly(kFramesPerClip, clip.frames.size(0));
    for (size_t first = 0; first < chosen.size(); first += kBatch) {
      const size_t size = std::min(kBatch, chosen.size() - first);
      const auto begin = chosen.begin() + static_cast<std::ptrdiff_t>(first);
      const Batch batch = batch_of(clip, {begin, begin + static_cast<std::ptrdiff_t>(size)});
      const auto count = static_cast<int64_t>(size);
      judge.add(batch.scene_of(0, count), batch.frames(0, count), counts.back());
    }
  }
  LabelFreeScore score = judge.score();
  for (Count& count : counts) {
    score.masks.push_back(count.facts);
    score.object_areas.push_back(count.typical_area());
  }
  return score;
}

LabelFreeScore score_so_far(const Model& model, const std::vector<Clip>& clips) {
  Model copy(model.recipe, model.frame_channels);
  load_state(copy.network, model.network.state(), "the network in training");
  copy.network.to(clips.front().scene.background.device());
  settle_statistics(copy, clips);
  return label_free_score(copy, clips);
}

}  // namespace proxseg
