#include "batch.h"

#include "proxseg/core/device.h"
#include "proxseg/scene/tensors.h"

namespace proxseg {

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
  const auto half = [](const torch::Tensor& x) { return torch::avg_pool2d(x, 2); };
  Batch result = batch;
  result.bytes = half(batch.bytes.to(torch::kFloat32)).round_().to(torch::kUInt8);
  result.scene = changed(batch.scene, half);
  return result;
}

}  // namespace proxseg
