#include "train/batch.h"

#include "core/ranges.h"
#include "core/vectorized.h"
#include "proxseg/core/device.h"
#include "proxseg/scene/tensors.h"

namespace proxseg {
namespace {

PROXSEG_VECTORIZED void halve_row(const uint8_t* __restrict upper, const uint8_t* __restrict lower,
                                  int64_t width, uint8_t* __restrict to) {
  for (int64_t i = 0; i < width / 2; ++i) {
    const int sum = upper[2 * i] + upper[2 * i + 1] + lower[2 * i] + lower[2 * i + 1];
    to[i] = static_cast<uint8_t>((sum + 2) / 4);
  }
}

// Means of 2 x 2 pixels, halves rounded up. x: [N, C, H, W] uint8.
torch::Tensor half_of_bytes(const torch::Tensor& x) {
  if (!x.is_cpu()) {
    const torch::Tensor means = torch::avg_pool2d(x.to(torch::kFloat32), 2);
    return means.add_(0.5).floor_().to(torch::kUInt8);
  }
  const torch::Tensor dense = x.contiguous();
  const int64_t h = x.size(2), w = x.size(3), planes = x.size(0) * x.size(1);
  torch::Tensor half = torch::empty({x.size(0), x.size(1), h / 2, w / 2}, torch::kUInt8);
  for_each_range(x.device(), planes * (h / 2), [&](int64_t, Range rows) {
    for (int64_t row = rows.begin; row < rows.begin + rows.size; ++row) {
      const int64_t plane = row / (h / 2), y = row % (h / 2);
      const uint8_t* upper = dense.data_ptr<uint8_t>() + (plane * h + 2 * y) * w;
      halve_row(upper, upper + w, w, half.data_ptr<uint8_t>() + row * (w / 2));
    }
  });
  return half;
}

}  // namespace

torch::Tensor Batch::frames(int64_t first, int64_t count) const {
  return to_unit_range(bytes.narrow(0, first, count));
}

SceneTensors Batch::scene_of(int64_t first, int64_t count) const {
  return lit(scene, gains.narrow(0, first, count));
}

Batch batch_of(const Clip& clip, const std::vector<int64_t>& indices, torch::Device device) {
  Batch batch;
  const auto chosen = torch::tensor(indices);
  batch.bytes = upload(clip.frames.index_select(0, chosen), device);
  batch.scene = clip.scene;
  batch.gains = upload(clip.gains.index_select(0, chosen), device);
  for (const int64_t i : indices) batch.names.push_back(clip.names[static_cast<size_t>(i)]);
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
