#include "proxseg/prox/priors.h"

#include <torch/autograd.h>

#include <cmath>

#include "core/ranges.h"
#include "proxseg/core/check.h"
#include "proxseg/prox/spectral.h"

namespace proxseg {
namespace {

using torch::autograd::AutogradContext;
using torch::autograd::variable_list;

// What the backward pass needs beside x. knee 0: the subgradient.
struct Slope {
  double knee;
  double factor;  // the gradient of the loss with respect to the prior
};

// factor times the derivative of |d|, or of its Huber function: clamp(d/knee, -1, 1).
torch::Tensor slope_of_abs(const torch::Tensor& d, Slope slope) {
  if (slope.knee == 0) return d.sign().mul_(slope.factor);
  const double bound = std::abs(slope.factor);
  return d.mul(slope.factor / slope.knee).clamp_(-bound, bound);
}

double sum_of_abs(const torch::Tensor& d) { return d.abs().sum(torch::kDouble).item<double>(); }

struct L1Norm {
  static double value(const torch::Tensor& x) { return sum_of_abs(x); }
  static torch::Tensor gradient(const torch::Tensor& x, Slope slope) {
    return slope_of_abs(x, slope);
  }
};

struct GroupL1Norm {
  static torch::Tensor norm(const torch::Tensor& x) {
    return at::linalg_vector_norm(x, 2, 1, /*keepdim=*/true);
  }
  static double value(const torch::Tensor& x) { return norm(x).sum(torch::kDouble).item<double>(); }
  static torch::Tensor gradient(const torch::Tensor& x, Slope slope) {
    const torch::Tensor size = norm(x);
    if (slope.knee > 0) return x * (slope.factor / size.clamp_min(slope.knee));
    return x * (slope.factor / size).masked_fill_(size == 0, 0);
  }
};

struct TotalVariation {
  static torch::Tensor difference(const torch::Tensor& x, int64_t dim) {
    const int64_t n = x.size(dim) - 1;
    return x.narrow(dim, 1, n) - x.narrow(dim, 0, n);
  }
  static double value(const torch::Tensor& x) {
    return sum_of_abs(difference(x, 2)) + sum_of_abs(difference(x, 3));
  }
  // The adjoint of the differences: each slope pulls its right (lower) pixel up and its left
  // (upper) one down.
  static torch::Tensor gradient(const torch::Tensor& x, Slope slope) {
    torch::Tensor grad = torch::zeros_like(x);
    for (const int64_t dim : {2, 3}) {
      const torch::Tensor pull = slope_of_abs(difference(x, dim), slope);
      grad.narrow(dim, 1, pull.size(dim)).add_(pull);
      grad.narrow(dim, 0, pull.size(dim)).sub_(pull);
    }
    return grad;
  }
};

// Value and gradient of a norm that is a sum over the first dimension of x.
template <typename Norm>
struct SeparablePrior : torch::autograd::Function<SeparablePrior<Norm>> {
  static torch::Tensor forward(AutogradContext* context, const torch::Tensor& x, double knee) {
    const torch::Tensor dense = x.contiguous();
    context->save_for_backward({dense});
    context->saved_data["knee"] = knee;
    return torch::full({}, sum_over_ranges(dense, Norm::value), x.options());
  }

  static variable_list backward(AutogradContext* context, const variable_list& gradients) {
    const torch::Tensor x = context->get_saved_variables()[0];
    const Slope slope{context->saved_data["knee"].toDouble(), gradients[0].item<double>()};
    torch::Tensor grad = torch::empty_like(x);
    for_each_range(x.device(), x.size(0), [&](int64_t, Range range) {
      const torch::Tensor part = x.narrow(0, range.begin, range.size);
      grad.narrow(0, range.begin, range.size).copy_(Norm::gradient(part, slope));
    });
    return {grad, torch::Tensor()};
  }
};

struct SpectralFunction : torch::autograd::Function<SpectralFunction> {
  static torch::Tensor forward(AutogradContext* context, const torch::Tensor& X,
                               const SpectralOptions& options) {
    const Spectrum parts = spectrum(X);
    const torch::Tensor& s = parts.singular_values;
    context->save_for_backward({X, weigh(parts, spectral_weights(s, options))});
    return torch::full({}, spectral_value(s, options), X.options());
  }

  static variable_list backward(AutogradContext* context, const variable_list& gradients) {
    const variable_list saved = context->get_saved_variables();
    return {apply_rows(saved[1] * gradients[0].item<double>(), saved[0]), torch::Tensor()};
  }
};

double checked_knee(Gradient gradient, double knee) {
  if (gradient == Gradient::kSubgradient) return 0;
  expect_value(knee > 0, "knee", knee, "above 0");
  return knee;
}

}  // namespace

torch::Tensor spectral_prior(const torch::Tensor& X, const SpectralOptions& options) {
  expect_tensor(X, {"N", "P"}, "X");
  return SpectralFunction::apply(X, options);
}

torch::Tensor l1_prior(const torch::Tensor& x, Gradient gradient, double knee) {
  expect_floating(x, "x");
  return SeparablePrior<L1Norm>::apply(x.reshape({-1}), checked_knee(gradient, knee));
}

torch::Tensor group_l1_prior(const torch::Tensor& x, Gradient gradient, double knee) {
  expect_tensor(x, {"N", "C", "H", "W"}, "x");
  return SeparablePrior<GroupL1Norm>::apply(x, checked_knee(gradient, knee));
}

torch::Tensor tv_prior(const torch::Tensor& x, Gradient gradient, double knee) {
  expect_tensor(x, {"N", "C", "H", "W"}, "x");
  return SeparablePrior<TotalVariation>::apply(x, checked_knee(gradient, knee));
}

}  // namespace proxseg
