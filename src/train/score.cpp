#include "proxseg/train/score.h"

#include <ATen/CPUGeneratorImpl.h>

#include <algorithm>
#include <cmath>

#include "proxseg/core/device.h"
#include "proxseg/core/text.h"
#include "proxseg/scene/network_input.h"
#include "train/batch.h"

namespace proxseg {
namespace {

constexpr int64_t kFramesPerClip = 24;
constexpr int64_t kBatch = 4;
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

class Judge {
 public:
  explicit Judge(Trainer& trainer)
      : trainer_(trainer),
        recipe_(trainer.recipe()),
        generator_(at::detail::createCPUGenerator(recipe_.seed)) {
    trainer_.model().network.train(false);
  }

  void add(const SceneTensors& scene, const torch::Tensor& frames) {
    const auto mask = mask_of(scene, frames);
    const auto mirror = [](const torch::Tensor& x) { return x.flip(3); };
    const auto mirrored = mirror(mask_of(changed(scene, mirror), mirror(frames)));
    const auto noisy =
        (frames + kNoise * torch::randn(frames.sizes(), generator_).to(frames.device()))
            .clamp(0, 1);
    overlap_.add(mask, mirrored);
    overlap_.add(mask, mask_of(scene, noisy));
    edges_.add(mask, frames, scene.background);
  }

  LabelFreeScore score() const {
    return {overlap_.dice(), edges_.share(), std::sqrt(overlap_.dice() * edges_.share())};
  }

 private:
  torch::Tensor mask_of(const SceneTensors& scene, const torch::Tensor& frames) const {
    const Form form = recipe_.model.form;
    const auto input = network_input(form, frames, scene);
    const auto soft = soft_mask(form, trainer_.model().network.forward(input), scene);
    return (soft > recipe_.mask.threshold).to(torch::kFloat32);
  }

  Trainer& trainer_;
  const Recipe& recipe_;
  at::Generator generator_;
  Overlap overlap_;
  Edges edges_;
};

}  // namespace

double contour_share(const torch::Tensor& masks, const torch::Tensor& frames,
                     const torch::Tensor& background) {
  Edges edges;
  edges.add(masks, frames, background);
  return edges.share();
}

LabelFreeScore label_free_score(Trainer& trainer) {
  const torch::NoGradGuard no_grad;
  const torch::Device device = parse_device(trainer.recipe().device);
  Judge judge(trainer);
  for (const Clip& clip : trainer.clips()) {
    const std::vector<int64_t> chosen = spread_evenly(kFramesPerClip, clip.frames.size(0));
    const auto count = static_cast<int64_t>(chosen.size());
    for (int64_t first = 0; first < count; first += kBatch) {
      const int64_t size = std::min(kBatch, count - first);
      const std::vector<int64_t> indices(chosen.begin() + first, chosen.begin() + first + size);
      const Batch batch = batch_of(clip, indices, device);
      judge.add(batch.scene_of(0, size), batch.frames(0, size));
    }
  }
  return judge.score();
}

}  // namespace proxseg
