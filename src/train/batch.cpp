#include "train/batch.h"

#include "proxseg/core/device.h"
#include "proxseg/scene/shadow.h"
#include "proxseg/scene/tensors.h"

namespace proxseg {
namespace {

// Sums of two neighbours along dim, of which there are half as many; an odd last one is left out.
torch::Tensor sum_of_pairs(const torch::Tensor& x, int64_t dim) {
  const int64_t size = x.size(dim) / 2 * 2;
  return x.slice(dim, 0, size, 2).to(torch::kInt16).add_(x.slice(dim, 1, size, 2));
}

// Means of 2 x 2 pixels, halves rounded up: (a + b + c + d + 2)/4. x: [N, C, H, W] uint8. In 16 bits:
// ATen's pooling, in float32, takes four times as long.
torch::Tensor half_of_bytes(const torch::Tensor& x) {
  return sum_of_pairs(sum_of_pairs(x, 2), 3).add_(2).__irshift__(2).to(torch::kUInt8);
}

// Undefined of an undefined plane.
torch::Tensor part_of(const torch::Tensor& x, int64_t dim, int64_t first, int64_t count) {
  return x.defined() ? x.narrow(dim, first, count) : x;
}

}  // namespace

torch::Tensor Batch::frames(int64_t first, int64_t count) const {
  return to_unit_range(bytes.narrow(0, first, count));
}

SceneTensors Batch::scene_of(int64_t first, int64_t count) const {
  return apply_gains(scene, gains.narrow(0, first, count));
}

SceneTensors Batch::shaded_scene_of(int64_t first, int64_t count) const {
  return apply_shading(scene_of(first, count), part_of(shading, 0, first, count));
}

SceneTensors Batch::shaded_rows_of(int64_t first, int64_t count) const {
  const auto rows = [&](const torch::Tensor& x) { return part_of(x, 2, first, count); };
  return apply_shading(apply_gains(changed(scene, rows), gains), rows(shading));
}

Batch batch_of(const Clip& clip, const std::vector<int64_t>& indices) {
  const torch::Device device = clip.scene.background.device();
  Batch batch;
  const auto chosen = torch::tensor(indices);
  batch.bytes = upload(clip.frames.index_select(0, chosen), device);
  batch.scene = clip.scene;
  batch.gains = upload(clip.gains.index_select(0, chosen), device);
  for (const int64_t i : indices) batch.names.push_back(clip.names[static_cast<size_t>(i)]);
  return batch;
}

Batch batch_at(const Recipe& recipe, const std::vector<Clip>& clips, int64_t step) {
  const auto count = static_cast<int64_t>(clips.size());
  const Clip& clip = clips[static_cast<size_t>(step % count)];
  return batch_of(clip, sample_batch(recipe.train.sampling, clip.frames.size(0), recipe.train.batch,
                                     recipe.seed, step / count));
}

// A frame at a time: for little memory.
Batch with_shading(Batch batch) {
  if (!batch.scene.tells_shadows) return batch;
  std::vector<torch::Tensor> shading;
  for (int64_t i = 0; i < batch.bytes.size(0); ++i) {
    shading.push_back(shading_of(batch.frames(i, 1), batch.scene_of(i, 1)));
  }
  batch.shading = torch::cat(shading);
  return batch;
}

Batch in_window(const Batch& batch, const Window& window) {
  const auto cut = [&](const torch::Tensor& x) {
    return x.narrow(2, window.top, window.height).narrow(3, window.left, window.width).contiguous();
  };
  Batch result = batch;
  result.bytes = cut(batch.bytes);
  result.scene = changed(batch.scene, cut);
  return result;
}

Batch at_half_size(const Batch& batch) {
  Batch result = batch;
  result.bytes = half_of_bytes(batch.bytes);
  result.scene =
      changed(batch.scene, [](const torch::Tensor& x) { return torch::avg_pool2d(x, 2); });
  return result;
}

}  // namespace proxseg
