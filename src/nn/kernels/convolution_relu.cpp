#include "nn/kernels/kernels.h"

#include <ATen/core/dispatch/Dispatcher.h>

namespace proxseg {
namespace {

// An operator by its name, none where this LibTorch was built without it.
c10::optional<c10::OperatorHandle> find_operator(const char* name) {
  return c10::Dispatcher::singleton().findSchema({name, ""});
}

const auto& packing() {
  static const auto function = find_operator("mkldnn_prepacked::conv2d_prepack");
  return function;
}

const auto& running() {
  static const auto function = find_operator("mkldnn_prepacked::conv2d_run");
  return function;
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

std::shared_ptr<const ConvolutionRelu::Packed> ConvolutionRelu::packed_for(const torch::Tensor& x) {
  constexpr size_t kMost = 8;  // shapes, such as those of several cameras
  const std::lock_guard lock(mutex_);
  for (const auto& packed : packed_) {
    if (packed->input == x.sizes()) return packed;
  }
  const auto& [weight, bias] = convolution_;
  const std::vector<int64_t> padding = {padding_, padding_}, ones = {1, 1};
  const auto input = x.sizes().vec();
  constexpr int64_t kGroups = 1;
  packed_.push_front(std::make_shared<const Packed>(
      Packed{input, call(*packing(), weight, bias, ones, padding, ones, kGroups, input, "relu")}));
  if (packed_.size() > kMost) packed_.pop_back();
  return packed_.front();
}

ConvolutionRelu::ConvolutionRelu(Convolution convolution, int64_t padding)
    : convolution_(std::move(convolution)), padding_(padding) {}
ConvolutionRelu::~ConvolutionRelu() = default;

torch::Tensor ConvolutionRelu::operator()(const torch::Tensor& x) {
  if (!x.is_cpu() || !packing() || !running()) {
    return torch::conv2d(x, convolution_.weight, convolution_.bias, /*stride=*/1, padding_).relu_();
  }
  return call(*running(), x, packed_for(x)->weights).toTensor();
}

}  // namespace proxseg
