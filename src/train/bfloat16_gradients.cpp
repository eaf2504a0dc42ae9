#include "train/bfloat16_gradients.h"

#include <spdlog/spdlog.h>
#include <torch/autograd.h>

#include "core/torch.h"

namespace proxseg {
namespace {

constexpr int64_t kImages = 2, kChannels = 16;
constexpr int64_t kLargestSafeWidth = 212;

// Values in [-1, 1] that bfloat16 holds exactly, channels last; no random numbers, which training
// counts on.
torch::Tensor values(torch::IntArrayRef shape, double step) {
  const auto count = c10::multiply_integers(shape);
  return torch::sin(torch::arange(count) * step)
      .to(torch::kBFloat16)
      .view(shape)
      .contiguous(torch::MemoryFormat::ChannelsLast);
}

torch::Tensor weights_gradient(const torch::Tensor& x, const torch::Tensor& dy,
                               torch::ScalarType type) {
  const auto weights = values({kChannels, kChannels, 3, 3}, 0.7).to(type).requires_grad_(true);
  const auto y = torch::conv2d(x.to(type), weights, {}, /*stride=*/1, /*padding=*/1);
  return torch::autograd::grad({y}, {weights}, {dy.to(type)})[0].to(torch::kFloat32);
}

// Relative to the gradient in float32.
double error_at(int64_t height, int64_t width) {
  const torch::AutoGradMode with_gradients(true);
  const auto x = values({kImages, kChannels, height, width}, 1.3);
  const auto dy = values({kImages, kChannels, height, width}, 0.9);
  const auto exact = weights_gradient(x, dy, torch::kFloat32);
  const auto rounded = weights_gradient(x, dy, torch::kBFloat16);
  return ((rounded - exact).norm() / exact.norm()).item<double>();
}

// What is wrong is so by chance too, hence several sizes.
bool hold_in_wide_images() {
  constexpr double kMostError = 0.05;
  for (const int64_t height : {24, 40}) {
    for (const int64_t width : {256, 320, 424, 640}) {
      if (!(error_at(height, width) < kMostError)) return false;  // NaN, too
    }
  }
  return true;
}

}  // namespace

bool bfloat16_gradients_hold(int64_t width) {
  if (width <= kLargestSafeWidth) return true;
  static const bool hold = [] {
    const bool found = hold_in_wide_images();
    if (!found) {
      spdlog::warn(
          "this machine's LibTorch computes wrong bfloat16 gradients of images over {} cells wide: "
          "steps with such images are in float32",
          kLargestSafeWidth);
    }
    return found;
  }();
  return hold;
}

}  // namespace proxseg
