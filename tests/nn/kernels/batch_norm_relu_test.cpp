#include "nn/kernels/kernels.h"

#include <gtest/gtest.h>
#include <torch/nn/modules/batchnorm.h>

#include <barrier>
#include <mutex>
#include <thread>

namespace proxseg {
namespace {

using torch::Tensor;

// Two threads as two processes.
class Pair {
 public:
  void sum(Tensor& x) {
    {
      const std::lock_guard lock(mutex_);
      total_ = total_.defined() ? total_ + x : x.clone();
    }
    added_.arrive_and_wait();
    x.copy_(total_);
    copied_.arrive_and_wait();
  }

 private:
  struct Reset {
    Tensor& total;
    void operator()() noexcept { total.reset(); }
  };

  std::mutex mutex_;
  Tensor total_;
  std::barrier<> added_{2};
  std::barrier<Reset> copied_{2, Reset{total_}};
};

struct Result {
  Tensor y, dx, dw, db, running_mean, running_var;
};

using Norm2d = torch::nn::BatchNorm2dImpl;

Result apply(const Tensor& x, const Tensor& dy, const std::function<Tensor(Tensor, Norm2d&)>& f) {
  const int64_t channels = x.size(1);
  Norm2d norm{torch::nn::BatchNorm2dOptions(channels)};
  {
    const torch::NoGradGuard no_grad;
    norm.weight.copy_(torch::linspace(0.5, 2.0, channels));
    norm.bias.copy_(torch::linspace(-1.0, 1.0, channels));
  }
  const Tensor leaf = x.detach().clone().requires_grad_();
  const Tensor y = f(leaf, norm);
  y.backward(dy);
  return {y.detach(),       leaf.grad(),       norm.weight.grad(),
          norm.bias.grad(), norm.running_mean, norm.running_var};
}

// y = relu(norm(x)), as LibTorch computes it in float64.
Result expected(const Tensor& x, const Tensor& dy) {
  return apply(x.to(torch::kFloat64), dy.to(torch::kFloat64), [](const Tensor& v, Norm2d& norm) {
    norm.to(torch::kFloat64);
    return torch::relu(norm.forward(v));
  });
}

// tolerance: of the largest value.
void expect_close(const Tensor& a, const Tensor& b, double tolerance) {
  const double largest = b.abs().max().item<double>();
  const double error = (a.to(torch::kFloat64) - b).abs().max().item<double>();
  EXPECT_LE(error, tolerance * largest);
}

void expect_close(const Result& a, const Result& b, double tolerance) {
  expect_close(a.y, b.y, tolerance);
  expect_close(a.dx, b.dx, tolerance);
  expect_close(a.dw, b.dw, tolerance);
  expect_close(a.db, b.db, tolerance);
  expect_close(a.running_mean, b.running_mean, tolerance);
  expect_close(a.running_var, b.running_var, tolerance);
}

Tensor values(torch::IntArrayRef size, torch::MemoryFormat format) {
  return (torch::randn(size) * 3.0 + 2.0).contiguous(format);
}

TEST(BatchNormRelu, IsTheNormAndTheRelu) {
  torch::manual_seed(1);
  for (const auto format : {torch::MemoryFormat::Contiguous, torch::MemoryFormat::ChannelsLast}) {
    for (const int64_t channels : {1, 5, 16, 130}) {
      const Tensor x = values({3, channels, 11, 7}, format), dy = torch::randn_like(x);
      const auto f = [](const Tensor& v, Norm2d& norm) { return batch_norm_relu(v, norm); };
      expect_close(apply(x, dy, f), expected(x, dy), 1e-5);
      const Tensor half = x.to(torch::kBFloat16), half_dy = dy.to(torch::kBFloat16);
      const Result result = apply(half, half_dy, f);
      EXPECT_EQ(result.y.scalar_type(), torch::kBFloat16);
      expect_close(result, expected(half, half_dy), 8e-3);
    }
  }
}

TEST(BatchNormRelu, IsExactFarFromZero) {
  torch::manual_seed(2);
  const Tensor x = torch::randn({4, 5, 16, 16}) + 1000.0, dy = torch::randn_like(x);
  expect_close(apply(x, dy, [](const Tensor& v, Norm2d& norm) { return batch_norm_relu(v, norm); }),
               expected(x, dy), 1e-3);
}

TEST(BatchNormRelu, HandsNaNOn) {
  Tensor x = torch::ones({1, 2, 4, 4});
  x[0][1][2][2] = std::nan("");
  Norm2d norm(torch::nn::BatchNorm2dOptions(2));
  const Tensor y = batch_norm_relu(x, norm);
  EXPECT_TRUE(torch::isfinite(y[0][0]).all().item<bool>());
  EXPECT_TRUE(torch::isnan(y[0][1]).all().item<bool>());
}

TEST(BatchNormRelu, PartsGiveWhatTheWholeGives) {
  torch::manual_seed(3);
  for (const auto type : {torch::kFloat32, torch::kFloat64}) {
    const Tensor x = values({7, 5, 6, 8}, torch::MemoryFormat::ChannelsLast).to(type);
    const Tensor dy = torch::randn_like(x);
    for (const int64_t cut : {2, 0}) {  // 0: one of them has no frame
      Pair pair;
      const auto sum = [&](Tensor& v) { pair.sum(v); };
      Result parts[2];
      const auto part = [&](int i, int64_t first, int64_t count) {
        parts[i] = apply(x.narrow(0, first, count), dy.narrow(0, first, count),
                         [&](const Tensor& v, Norm2d& n) { return batch_norm_relu(v, n, sum); });
      };
      std::thread other([&] { part(1, cut, 7 - cut); });
      part(0, 0, cut);
      other.join();
      for (const Result& p : parts) {
        expect_close(
            {torch::cat({parts[0].y, parts[1].y}), torch::cat({parts[0].dx, parts[1].dx}),
             parts[0].dw + parts[1].dw, parts[0].db + parts[1].db, p.running_mean, p.running_var},
            expected(x, dy), 1e-5);
      }
    }
  }
}

}  // namespace
}  // namespace proxseg
