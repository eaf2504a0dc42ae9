// Value and gradient of the priors, against plain autograd and against copying the same matrix.
#include <benchmark/benchmark.h>
#include <torch/autograd.h>
#include <torch/types.h>

#include "measure.h"
#include "proxseg/prox/priors.h"
#include "proxseg/prox/spectral.h"
#include "tools/bench/timing.h"

namespace proxseg {
namespace {

constexpr int64_t kPixels = 320 * 240;

template <typename Loss>
void value_and_gradient(benchmark::State& state, const torch::Tensor& x, const Loss& loss) {
  x.requires_grad_(true);
  measure(state, [&] { return torch::autograd::grad({loss(x)}, {x}); });
  state.SetBytesProcessed(state.iterations() * x.numel() * x.element_size());
}

void copy(benchmark::State& state) {
  const torch::Tensor x = video_matrix(state.range(0), kPixels);
  torch::Tensor y = torch::empty_like(x);
  measure(state, [&] { return y.copy_(x); });
  state.SetBytesProcessed(state.iterations() * x.numel() * x.element_size());
}

void nuclear(benchmark::State& state) {
  value_and_gradient(state, video_matrix(state.range(0), kPixels),
                     [](const torch::Tensor& x) { return spectral_prior(x); });
}

void nuclear_by_svdvals(benchmark::State& state) {
  value_and_gradient(state, video_matrix(state.range(0), kPixels),
                     [](const torch::Tensor& x) { return at::linalg_svdvals(x).sum(); });
}

void gram_alone(benchmark::State& state) {
  const torch::Tensor x = video_matrix(state.range(0), kPixels);
  measure(state, [&] { return gram(x); });
}

void rows_alone(benchmark::State& state) {
  const torch::Tensor x = video_matrix(state.range(0), kPixels);
  const torch::Tensor W = torch::rand({x.size(0), x.size(0)}, torch::kDouble);
  measure(state, [&] { return apply_rows(W, x); });
}

void l1(benchmark::State& state) {
  value_and_gradient(state, torch::randn({state.range(0), 1, 240, 320}),
                     [](const torch::Tensor& x) { return l1_prior(x, Gradient::kProx, 0.1); });
}

void tv(benchmark::State& state) {
  value_and_gradient(state, torch::randn({state.range(0), 1, 240, 320}),
                     [](const torch::Tensor& x) { return tv_prior(x, Gradient::kProx, 0.1); });
}

BENCHMARK(copy)->Arg(50)->Arg(200)->Unit(benchmark::kMillisecond)->UseRealTime();
BENCHMARK(gram_alone)->Arg(50)->Arg(200)->Unit(benchmark::kMillisecond)->UseRealTime();
BENCHMARK(rows_alone)->Arg(50)->Arg(200)->Unit(benchmark::kMillisecond)->UseRealTime();
BENCHMARK(nuclear)->Arg(50)->Arg(200)->Unit(benchmark::kMillisecond)->UseRealTime();
BENCHMARK(nuclear_by_svdvals)->Arg(50)->Arg(200)->Unit(benchmark::kMillisecond)->UseRealTime();
BENCHMARK(l1)->Arg(50)->Unit(benchmark::kMillisecond)->UseRealTime();
BENCHMARK(tv)->Arg(50)->Unit(benchmark::kMillisecond)->UseRealTime();

}  // namespace
}  // namespace proxseg
