#include "nn/kernels/kernels.h"

#include <ATen/core/dispatch/Dispatcher.h>

#include <optional>

namespace proxseg {
namespace {

// An operator by its name, none where this LibTorch was built without it.
c10::optional<c10::OperatorHandle> find_operator(const char* name) {
  return c10::Dispatcher::singleton().findSchema({name, ""});
}

template <typename... Arguments>
c10::IValue call(const c10::OperatorHandle& function, Arguments&&... arguments) {
  torch::jit::Stack stack = {c10::IValue(std::forward<Arguments>(arguments))...};
  function.callBoxed(stack);
  return std::move(stack.front());
}

}  // namespace

struct ConvolutionRelu::Packed {
  std::vector<int64_t> input;
  c10::IValue weights;
};

ConvolutionRelu::ConvolutionRelu(Convolution convolution, int64_t padding)
    : convolution_(std::move(convolution)), padding_(padding) {}
ConvolutionRelu::~ConvolutionRelu() = default;

torch::Tensor ConvolutionRelu::operator()(const torch::Tensor& x) {
  static const auto pack = find_operator("mkldnn_prepacked::conv2d_prepack");
  static const auto run = find_operator("mkldnn_prepacked::conv2d_run");
  const auto& [weight, bias] = convolution_;
  const std::vector<int64_t> padding = {padding_, padding_}, ones = {1, 1};
  if (!x.is_cpu() || !pack || !run) {
    return torch::conv2d(x, weight, bias, /*stride=*/1, padding).relu_();
  }
  if (!packed_ || packed_->input != x.sizes()) {
    const auto input = x.sizes().vec();
    constexpr int64_t kGroups = 1;
    packed_ = std::make_unique<Packed>(
        Packed{input, call(*pack, weight, bias, ones, padding, ones, kGroups, input, "relu")});
  }
  return call(*run, x, packed_->weights).toTensor();
}

}  // namespace proxseg
