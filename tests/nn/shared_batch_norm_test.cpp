#include "nn/shared_batch_norm.h"

#include <gtest/gtest.h>

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
  Norm2d norm(torch::nn::BatchNorm2dOptions(5));
  {
    const torch::NoGradGuard no_grad;
    norm.weight.copy_(torch::linspace(0.5, 2.0, 5));
    norm.bias.copy_(torch::linspace(-1.0, 1.0, 5));
  }
  const Tensor leaf = x.detach().clone().requires_grad_();
  const Tensor y = f(leaf, norm);
  y.backward(dy);
  return {y.detach(),       leaf.grad(),       norm.weight.grad(),
          norm.bias.grad(), norm.running_mean, norm.running_var};
}

void expect_close(const Tensor& a, const Tensor& b) {
  EXPECT_TRUE(torch::allclose(a, b, 1e-4, 1e-5)) << (a - b).abs().max();
}

TEST(SharedBatchNorm, PartsGiveWhatTheWholeGives) {
  torch::manual_seed(1);
  for (const auto format : {torch::MemoryFormat::Contiguous, torch::MemoryFormat::ChannelsLast}) {
    const Tensor x = (torch::randn({7, 5, 6, 8}) * 3.0 + 2.0).contiguous(format);
    const Tensor dy = torch::randn_like(x);
    const Result whole =
        apply(x, dy, [](const Tensor& v, Norm2d& norm) { return norm.forward(v); });
    Pair pair;
    const auto sum = [&](Tensor& v) { pair.sum(v); };
    Result parts[2];
    const auto part = [&](int i, int64_t first, int64_t count) {
      parts[i] = apply(x.narrow(0, first, count), dy.narrow(0, first, count),
                       [&](const Tensor& v, Norm2d& n) { return shared_batch_norm(v, n, sum); });
    };
    std::thread other([&] { part(1, 2, 5); });
    part(0, 0, 2);
    other.join();
    expect_close(torch::cat({parts[0].y, parts[1].y}), whole.y);
    expect_close(torch::cat({parts[0].dx, parts[1].dx}), whole.dx);
    expect_close(parts[0].dw + parts[1].dw, whole.dw);
    expect_close(parts[0].db + parts[1].db, whole.db);
    for (const Result& p : parts) {
      expect_close(p.running_mean, whole.running_mean);
      expect_close(p.running_var, whole.running_var);
    }
  }
}

}  // namespace
}  // namespace proxseg
