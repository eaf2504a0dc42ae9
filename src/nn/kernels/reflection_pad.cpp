#include "nn/kernels/kernels.h"

#include <torch/autograd.h>

#include "nn/kernels/loops.h"

namespace proxseg {
namespace {

using torch::autograd::AutogradContext;
using torch::autograd::variable_list;

struct ReflectionPad : torch::autograd::Function<ReflectionPad> {
  static torch::Tensor forward(AutogradContext* /*context*/, const torch::Tensor& x) {
    const int64_t h = x.size(2), w = x.size(3);
    auto y = torch::empty({x.size(0), x.size(1), h + 2, w + 2}, x.options(), kChannelsLast);
    const auto rows = y.narrow(2, 1, h);
    rows.narrow(3, 1, w).copy_(x);
    rows.select(3, 0).copy_(x.select(3, 1));
    rows.select(3, w + 1).copy_(x.select(3, w - 2));
    y.select(2, 0).copy_(y.select(2, 2));
    y.select(2, h + 1).copy_(y.select(2, h - 1));
    return y;
  }

  // Each border's gradient goes to the row or column that it mirrors.
  static variable_list backward(AutogradContext* /*context*/, const variable_list& gradients) {
    const torch::Tensor& dy = gradients[0];
    const int64_t h = dy.size(2) - 2, w = dy.size(3) - 2;
    const auto rows = dy.narrow(2, 1, h).clone(kChannelsLast);
    rows.select(2, 1).add_(dy.select(2, 0));
    rows.select(2, h - 2).add_(dy.select(2, h + 1));
    auto dx = rows.narrow(3, 1, w).clone(kChannelsLast);
    dx.select(3, 1).add_(rows.select(3, 0));
    dx.select(3, w - 2).add_(rows.select(3, w + 1));
    return {dx};
  }
};

}  // namespace

torch::Tensor reflection_pad(const torch::Tensor& x) { return ReflectionPad::apply(x); }

}  // namespace proxseg
