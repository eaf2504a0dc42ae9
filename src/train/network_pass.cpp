#include "train/network_pass.h"

#include "proxseg/core/device.h"
#include "proxseg/scene/network_input.h"
#include "train/bfloat16_gradients.h"
#include "train/parallel/batch_partition.h"

namespace proxseg {
namespace {

// width: of the batch's images.
bool runs_in_bfloat16(const Model& model, int64_t width, torch::Device device) {
  if (!computes_in_bfloat16(model.recipe)) return false;
  if (!device.is_cpu()) return true;
  const UNetOptions& o = model.network.options();
  // At the first level, the widest.
  return bfloat16_gradients_hold(padded_size(width, stride_of(o)) / o.pixel_unshuffle);
}

}  // namespace

torch::Tensor network_output(Model& model, const Batch& batch, int64_t first, int64_t count) {
  const torch::Device device = batch.bytes.device();
  const bool in_bfloat16 = runs_in_bfloat16(model, batch.bytes.size(3), device);
  const auto input = network_input_of_bytes(
      model.recipe.model.form, batch.bytes.narrow(0, first, count), batch.scene,
      batch.gains.narrow(0, first, count), in_bfloat16 ? torch::kBFloat16 : torch::kFloat32);
  const AutocastGuard autocast(device, in_bfloat16);
  return model.network.forward(input).to(torch::kFloat32);
}

StepPlan plan_of(const Model& model, const Batch& batch, const ProcessGroup& processes) {
  const auto& x = batch.bytes;
  return plan_step(model.recipe.train, model.network.options(), x.size(0), x.size(1), x.size(2),
                   x.size(3), processes.size());
}

NetworkPass::NetworkPass(Model& model, const Batch& batch, const ProcessGroup& processes)
    : model_(model),
      batch_(batch),
      frames_(BatchPartition(processes, batch.bytes.size(0), batch.bytes.size(2)).frames()) {
  const int64_t chunks = plan_of(model, batch, processes).chunks;
  for (int64_t i = 0; i < chunks; ++i) {
    const int64_t begin = frames_.size * i / chunks, end = frames_.size * (i + 1) / chunks;
    chunks_.push_back({frames_.begin + begin, end - begin});
  }
}

torch::Tensor NetworkPass::forward_chunk(Range chunk) const {
  return network_output(model_, batch_, chunk.begin, chunk.size);
}

torch::Tensor NetworkPass::outputs() {
  if (chunks_.size() == 1) {
    remembered_ = forward_chunk(chunks_[0]);
    return remembered_.detach();
  }
  const torch::NoGradGuard no_grad;
  std::vector<torch::Tensor> outputs;
  for (const Range& chunk : chunks_) outputs.push_back(forward_chunk(chunk));
  return torch::cat(outputs);
}

void NetworkPass::backward(const torch::Tensor& gradient,
                           const std::function<void()>& before_last) {
  for (size_t i = 0; i < chunks_.size(); ++i) {
    const Range chunk = chunks_[i];
    if (!remembered_.defined()) remembered_ = forward_chunk(chunk);
    if (i + 1 == chunks_.size()) before_last();
    remembered_.backward(gradient.narrow(0, chunk.begin - frames_.begin, chunk.size));
    remembered_.reset();
  }
}

}  // namespace proxseg
