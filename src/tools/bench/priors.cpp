#include "proxseg/prox/priors.h"

#include <torch/autograd.h>
#include <torch/types.h>

#include "proxseg/tools/bench.h"
#include "tools/bench/timing.h"

namespace proxseg {
namespace {

torch::Tensor svdvals_gradient(const torch::Tensor& matrix) {
  const torch::Tensor x = matrix.detach().requires_grad_(true);
  return torch::autograd::grad({at::linalg_svdvals(x).sum()}, {x})[0];
}

double error_of(const torch::Tensor& gradient, const torch::Tensor& exact) {
  return ((gradient.to(torch::kDouble) - exact).abs().max() / exact.abs().max()).item<double>();
}

constexpr int64_t kHeight = 240, kWidth = 320;
constexpr double kKnee = 0.004;  // a grey level

PriorTime measure(int64_t frames) {
  constexpr int64_t kPixels = kHeight * kWidth;
  const auto x = video_matrix(frames, kPixels).requires_grad_(true);
  SpectralOptions subgradient;
  subgradient.gradient = Gradient::kSubgradient;
  const auto by_prior = [&] {
    return torch::autograd::grad({spectral_prior(x, subgradient)}, {x})[0];
  };
  const auto by_all = [&] {
    const auto images = x.view({frames, 1, kHeight, kWidth});
    const auto loss = spectral_prior(x, subgradient) + l1_prior(x, Gradient::kProx, kKnee) +
                      tv_prior(images, Gradient::kProx, kKnee);
    return torch::autograd::grad({loss}, {x})[0];
  };
  const auto by_svdvals = [&] { return svdvals_gradient(x.detach()); };

  const auto plain = x.detach();
  const auto square = torch::rand({frames, frames});
  auto copy = torch::empty_like(plain);
  const auto limit = [&] {
    copy.copy_(plain);
    copy.copy_(plain);
    at::mm_out(copy, square, plain);
  };

  PriorTime time = {frames, kPixels};
  time.prior = seconds_per_call(by_prior);
  time.with_sparse = seconds_per_call(by_all);
  time.memory_limit = seconds_per_call(limit);
  torch::Tensor approximate;
  time.by_svdvals = seconds_of([&] { approximate = by_svdvals(); });
  const auto exact = svdvals_gradient(x.detach().to(torch::kDouble));
  time.prior_error = error_of(by_prior(), exact);
  time.svdvals_error = error_of(approximate, exact);
  return time;
}

}  // namespace

std::vector<PriorTime> measure_priors() { return {measure(50), measure(200)}; }

}  // namespace proxseg
