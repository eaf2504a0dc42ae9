#include "nn/kernels/max_pool.h"

#include <gtest/gtest.h>

#include <cmath>

namespace proxseg {
namespace {

struct Pooled {
  torch::Tensor y, dx;
};

template <typename Pool>
Pooled pool(const torch::Tensor& x, const torch::Tensor& dy, const Pool& pool) {
  const torch::Tensor leaf = x.detach().clone().requires_grad_();
  const torch::Tensor y = pool(leaf);
  y.backward(dy);
  return {y.detach(), leaf.grad()};
}

TEST(MaxPool, IsThatOfLibTorchTiesIncluded) {
  torch::manual_seed(1);
  for (const auto type : {torch::kFloat32, torch::kBFloat16, torch::kFloat64}) {
    for (const int64_t channels : {1, 3, 16, 40}) {
      for (const auto& [h, w] : {std::pair{2, 2}, {6, 10}, {7, 9}}) {
        const torch::Tensor x = torch::randint(-2, 3, {2, channels, h, w}).to(type);
        const torch::Tensor dy = torch::randn({2, channels, h / 2, w / 2}).to(type);
        const Pooled result = pool(x, dy, max_pool);
        const Pooled expected =
            pool(x, dy, [](const torch::Tensor& v) { return torch::max_pool2d(v, 2); });
        EXPECT_TRUE(torch::equal(result.y, expected.y));
        EXPECT_TRUE(torch::equal(result.dx, expected.dx));
        EXPECT_EQ(result.y.scalar_type(), type);
      }
    }
  }
}

TEST(MaxPool, HandsNaNOn) {
  for (int i = 0; i < 4; ++i) {
    torch::Tensor x = torch::randn({1, 2, 2, 2});
    x[0][1][i / 2][i % 2] = std::nan("");
    const torch::Tensor y = max_pool(x).flatten();
    EXPECT_FALSE(std::isnan(y[0].item<float>()));
    EXPECT_TRUE(std::isnan(y[1].item<float>()));
  }
}

}  // namespace
}  // namespace proxseg
