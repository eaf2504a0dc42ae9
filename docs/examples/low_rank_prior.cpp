// A low-rank prior on your own network: an autoencoder of noisy signals learns, with no clean one
// in sight, to give signals that have few directions in common.
#include <torch/nn.h>
#include <torch/optim.h>

#include <cstdio>

#include "proxseg/prox/priors.h"

int main() {
  torch::manual_seed(1);
  const auto clean = torch::randn({64, 2}).matmul(torch::randn({2, 100}));  // rank 2
  const auto noisy = clean + 0.5 * torch::randn({64, 100});

  torch::nn::Sequential network(torch::nn::Linear(100, 64), torch::nn::ReLU(),
                                torch::nn::Linear(64, 100));
  torch::optim::Adam optimizer(network->parameters(), torch::optim::AdamOptions(3e-3));
  for (int step = 0; step < 300; ++step) {
    const auto output = network->forward(noisy);  // [N, P], one signal a row
    const auto loss = 0.5 * (output - noisy).square().sum() + 9.0 * proxseg::spectral_prior(output);
    optimizer.zero_grad();
    loss.backward();
    optimizer.step();
  }

  torch::NoGradGuard no_grad;
  const auto error = [&](const torch::Tensor& x) {
    return ((x - clean).norm() / clean.norm()).item<double>();
  };
  const double before = error(noisy), after = error(network->forward(noisy));
  std::printf("relative error: %.3f before, %.3f after\n", before, after);
  return after < before ? 0 : 1;
}
