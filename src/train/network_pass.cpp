#include "network_pass.h"

#include <utility>

namespace proxseg {

NetworkPass::NetworkPass(Forward forward, int64_t frames, int64_t chunks)
    : forward_(std::move(forward)) {
  for (int64_t i = 0; i < chunks; ++i) {
    const int64_t first = frames * i / chunks;
    chunks_.push_back({first, frames * (i + 1) / chunks - first});
  }
}

torch::Tensor NetworkPass::outputs() {
  if (chunks_.size() == 1) {
    remembered_ = forward_(chunks_[0].first, chunks_[0].count);
    return remembered_.detach();
  }
  const torch::NoGradGuard no_grad;
  std::vector<torch::Tensor> outputs;
  for (const auto& [first, count] : chunks_) outputs.push_back(forward_(first, count));
  return torch::cat(outputs);
}

void NetworkPass::backward(const torch::Tensor& gradient) {
  if (remembered_.defined()) {
    remembered_.backward(gradient);
    remembered_.reset();
    return;
  }
  for (const auto& [first, count] : chunks_) {
    forward_(first, count).backward(gradient.narrow(0, first, count));
  }
}

}  // namespace proxseg
