#include "proxseg/prox/priors.h"

#include <torch/autograd.h>

#include "core/ranges.h"
#include "prox/sparse_norms.h"
#include "proxseg/core/check.h"
#include "proxseg/prox/spectral.h"

namespace proxseg {
namespace {

using torch::autograd::AutogradContext;
using torch::autograd::variable_list;

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
      Norm::gradient(x.narrow(0, range.begin, range.size), slope,
                     grad.narrow(0, range.begin, range.size));
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
