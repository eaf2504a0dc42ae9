#include <ATen/CPUGeneratorImpl.h>
#include <fmt/format.h>

#include <algorithm>

#include "proxseg/core/error.h"
#include "proxseg/nn/export/export.h"

namespace proxseg {
namespace {

// Uniform in [-1, 1), the same at every call.
std::vector<torch::Tensor> probes(const UNetOptions& options) {
  const int64_t stride = stride_of(options);
  auto generator = at::detail::createCPUGenerator(/*seed_val=*/1);
  const auto probe = [&](int64_t count, int64_t height, int64_t width) {
    return 2.0 * torch::rand({count, options.in_channels, height, width}, generator) - 1.0;
  };
  return {probe(2, 3 * stride, 4 * stride), probe(1, 5 * stride, 2 * stride)};
}

}  // namespace

double check_parity(UNet& network, const std::function<torch::Tensor(const torch::Tensor&)>& copy) {
  constexpr double kTolerance = 1e-3;
  torch::NoGradGuard no_grad;
  network.train(false);
  double difference = 0.0, largest = 1.0;
  for (const torch::Tensor& x : probes(network.options())) {
    const auto expected = network.forward(x), actual = copy(x);
    largest = std::max(largest, expected.abs().max().item<double>());
    difference = std::max(difference, (actual - expected).abs().max().item<double>());
  }
  if (difference <= kTolerance * largest) return difference;
  throw NumericsError(fmt::format("the exported network differs from the network by {:.3g}, where "
                                  "outputs are at most {:.3g}",
                                  difference, largest),
                      "This is a fault of the exporter; please report it with the recipe.");
}

}  // namespace proxseg
