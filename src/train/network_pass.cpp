#include "network_pass.h"

#include <utility>

namespace proxseg {

NetworkPass::NetworkPass(Forward forward, const ProcessGroup& processes, int64_t frames,
                         int64_t chunks)
    : forward_(std::move(forward)), processes_(processes), frames_(frames) {
  const int64_t rank = processes.rank(), size = processes.size();
  for (int64_t i = 0; i < chunks; ++i) {
    const int64_t begin = frames * i / chunks, count = frames * (i + 1) / chunks - begin;
    const int64_t first = begin + count * rank / size, end = begin + count * (rank + 1) / size;
    parts_.push_back({first, end - first});
  }
}

torch::Tensor NetworkPass::outputs() {
  if (parts_.size() == 1) {
    remembered_ = forward_(parts_[0].first, parts_[0].count);
    return gather({remembered_.detach()});
  }
  const torch::NoGradGuard no_grad;
  std::vector<torch::Tensor> outputs;
  for (const auto& [first, count] : parts_) outputs.push_back(forward_(first, count));
  return gather(outputs);
}

// Each process has 0 where another has its output.
torch::Tensor NetworkPass::gather(const std::vector<torch::Tensor>& outputs) const {
  if (processes_.size() == 1) return outputs.size() == 1 ? outputs[0] : torch::cat(outputs);
  std::vector<int64_t> shape = outputs[0].sizes().vec();
  shape[0] = frames_;
  torch::Tensor all = torch::zeros(shape, outputs[0].options());
  for (size_t i = 0; i < outputs.size(); ++i) {
    all.narrow(0, parts_[i].first, parts_[i].count).copy_(outputs[i]);
  }
  processes_.sum(all);
  return all;
}

void NetworkPass::backward(const torch::Tensor& gradient,
                           const std::function<void()>& before_last) {
  for (size_t i = 0; i < parts_.size(); ++i) {
    const auto& [first, count] = parts_[i];
    if (!remembered_.defined()) remembered_ = forward_(first, count);
    if (i + 1 == parts_.size()) before_last();
    remembered_.backward(gradient.narrow(0, first, count));
    remembered_.reset();
  }
}

}  // namespace proxseg
