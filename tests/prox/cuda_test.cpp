#include <functional>

#include "prox/oracle.h"
#include "proxseg/prox/operators.h"
#include "proxseg/prox/priors.h"
#include "proxseg/prox/spectral.h"
#include "support/cuda.h"

namespace proxseg {
namespace {

using oracle::gradient;
using oracle::largest_difference;
using oracle::normal;
using Function = std::function<torch::Tensor(const torch::Tensor&)>;

constexpr double kCudaKnee = 0.7;

// float32, as in training.
void expect_same_on_gpu(const Function& function, const torch::Tensor& x) {
  const torch::Tensor on_cpu = function(x), on_gpu = function(x.cuda());
  EXPECT_TRUE(on_gpu.is_cuda());
  EXPECT_LT(largest_difference(on_gpu.cpu(), on_cpu), 1e-5 * on_cpu.abs().max().item<double>());
}

void expect_same_gradient_on_gpu(const Function& prior, const torch::Tensor& x) {
  expect_same_on_gpu(prior, x);
  expect_same_on_gpu([&](const torch::Tensor& y) { return gradient(prior, y); }, x);
}

TEST(Cuda, PriorsAreThoseOfTheCpu) {
  SKIP_WITHOUT_CUDA();
  const torch::Tensor x = normal({8, 3, 40, 50}, 1).to(torch::kFloat32);
  const auto separable = [&](auto prior) {
    return [=](const torch::Tensor& y) { return prior(y, Gradient::kProx, kCudaKnee); };
  };
  expect_same_gradient_on_gpu(separable(l1_prior), x);
  expect_same_gradient_on_gpu(separable(group_l1_prior), x);
  expect_same_gradient_on_gpu(separable(tv_prior), x);
  expect_same_gradient_on_gpu([](const torch::Tensor& X) { return spectral_prior(X, {}); },
                              x.flatten(1));
}

TEST(Cuda, OperatorsAreThoseOfTheCpu) {
  SKIP_WITHOUT_CUDA();
  const torch::Tensor X = normal({8, 600}, 1).to(torch::kFloat32);
  expect_same_on_gpu([](const torch::Tensor& y) { return soft_threshold(y, kCudaKnee); }, X);
  expect_same_on_gpu([](const torch::Tensor& y) { return block_soft_threshold(y, kCudaKnee, 0); },
                     X);
  expect_same_on_gpu([](const torch::Tensor& y) { return singular_value_threshold(y, 20.0); }, X);
}

// TF32 would leave three digits.
TEST(Cuda, GramMatrixIsExactToFloat32) {
  SKIP_WITHOUT_CUDA();
  const torch::Tensor X = normal({8, 5000}, 1).to(torch::kFloat32);
  const torch::Tensor exact = X.to(torch::kFloat64).mm(X.t().to(torch::kFloat64));
  EXPECT_LT(largest_difference(gram(X.cuda()), exact), 1e-6 * exact.abs().max().item<double>());
}

}  // namespace
}  // namespace proxseg
