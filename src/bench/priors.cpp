#include "proxseg/prox/priors.h"

#include <torch/autograd.h>
#include <torch/types.h>

#include "proxseg/bench/benchmark.h"
#include "stopwatch.h"

namespace proxseg {
namespace {

// A static background of varying brightness with noise of about one grey level: [N, P].
torch::Tensor video_matrix(int64_t frames, int64_t pixels) {
  torch::manual_seed(1);
  return (torch::rand({frames, 1}) * 0.2 + 0.9) * torch::rand({1, pixels}) +
         0.004 * torch::randn({frames, pixels});
}

PriorTime measure_nuclear(int64_t frames, int64_t pixels) {
  const auto x = video_matrix(frames, pixels).requires_grad_(true);
  const auto gradient = [&](const torch::Tensor& value) {
    return torch::autograd::grad({value}, {x})[0];
  };
  SpectralOptions subgradient;
  subgradient.gradient = Gradient::kSubgradient;
  const auto by_prior = [&] { return gradient(spectral_prior(x, subgradient)); };
  const auto by_svdvals = [&] { return gradient(at::linalg_svdvals(x).sum()); };

  const auto plain = x.detach();
  const auto square = torch::rand({frames, frames});
  auto copy = torch::empty_like(plain);
  const auto limit = [&] {
    copy.copy_(plain);
    copy.copy_(plain);
    at::mm_out(copy, square, plain);
  };

  PriorTime time = {frames, pixels};
  time.prior = seconds_per_call(by_prior);
  time.memory_limit = seconds_per_call(limit);
  torch::Tensor expected;
  time.by_svdvals = seconds_of([&] { expected = by_svdvals(); });
  time.disagreement = ((by_prior() - expected).abs().max() / expected.abs().max()).item<double>();
  return time;
}

}  // namespace

std::vector<PriorTime> measure_priors() {
  constexpr int64_t kPixels = 320 * 240;
  return {measure_nuclear(50, kPixels), measure_nuclear(200, kPixels)};
}

}  // namespace proxseg
