#include "train/network_pass.h"

#include <utility>

namespace proxseg {

NetworkPass::NetworkPass(Forward forward, Range frames, int64_t chunks)
    : forward_(std::move(forward)), first_(frames.begin) {
  for (int64_t i = 0; i < chunks; ++i) {
    const int64_t begin = frames.size * i / chunks, end = frames.size * (i + 1) / chunks;
    chunks_.push_back({frames.begin + begin, end - begin});
  }
}

torch::Tensor NetworkPass::outputs() {
  if (chunks_.size() == 1) {
    remembered_ = forward_(chunks_[0].begin, chunks_[0].size);
    return remembered_.detach();
  }
  const torch::NoGradGuard no_grad;
  std::vector<torch::Tensor> outputs;
  for (const auto& [first, count] : chunks_) outputs.push_back(forward_(first, count));
  return torch::cat(outputs);
}

void NetworkPass::backward(const torch::Tensor& gradient,
                           const std::function<void()>& before_last) {
  for (size_t i = 0; i < chunks_.size(); ++i) {
    const auto& [first, count] = chunks_[i];
    if (!remembered_.defined()) remembered_ = forward_(first, count);
    if (i + 1 == chunks_.size()) before_last();
    remembered_.backward(gradient.narrow(0, first - first_, count));
    remembered_.reset();
  }
}

}  // namespace proxseg
