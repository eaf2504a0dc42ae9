#include "proxseg/train/loss.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "proxseg/core/error.h"
#include "proxseg/prox/priors.h"

namespace proxseg {
namespace {

const torch::Tensor& target(const Decomposition& d, PriorTarget on) {
  switch (on) {
    case PriorTarget::kBackground:
      return d.background;
    case PriorTarget::kForeground:
      return d.foreground;
    case PriorTarget::kMask:
      return d.mask;
  }
  throw UsageError("unknown target of a prior");
}

// The sparse priors; a new one is a row here.
struct SparseTerm {
  const char* name;
  LossOptions::Sparse LossOptions::*options;
  torch::Tensor (*prior)(const torch::Tensor&, Gradient, double knee);
};
constexpr SparseTerm kSparseTerms[] = {{"l1", &LossOptions::l1, l1_prior},
                                       {"group_l1", &LossOptions::group_l1, group_l1_prior},
                                       {"tv", &LossOptions::tv, tv_prior}};

void add_term(LossValue& loss, const std::string& name, const torch::Tensor& value) {
  const double number = value.item<double>();
  if (!std::isfinite(number)) fail_on_term(name, fmt::format("is {}", number));
  loss.terms.emplace_back(name, number);
  loss.total = loss.total.defined() ? loss.total + value : value;
}

}  // namespace

double lambda0(const torch::Tensor& frames) {
  const int64_t n = frames.size(0);
  return 1.0 /
         std::sqrt(static_cast<double>(std::max(n, frames.numel() / std::max<int64_t>(n, 1))));
}

const std::vector<std::string>& loss_term_names() {
  static const std::vector<std::string> names = [] {
    std::vector<std::string> all = {"nuclear"};
    for (const SparseTerm& term : kSparseTerms) all.emplace_back(term.name);
    return all;
  }();
  return names;
}

torch::Tensor low_rank_argument(const Decomposition& d, double lambda) {
  if (!d.scale.defined()) return d.background.flatten(1);
  return (lambda / d.scale * (d.background - d.reference)).flatten(1);
}

void fail_on_term(const std::string& name, const std::string& what) {
  throw NumericsError(fmt::format("the {} term of the loss {}", name, what),
                      "Lower train.learning_rate, or set precision to fp32.");
}

LossValue low_rank_loss(const Decomposition& d, const LossOptions& options) {
  LossValue loss;
  if (options.nuclear_weight == 0.0) return loss;
  torch::Tensor value;
  try {
    value = spectral_prior(low_rank_argument(d, lambda0(d.background)), options.spectral());
  } catch (const NumericsError& error) {
    fail_on_term("nuclear", fmt::format("cannot be computed: {}", error.what()));
  }
  add_term(loss, "nuclear", options.nuclear_weight * value);
  return loss;
}

LossValue sparse_loss(const Decomposition& d, const LossOptions& options) {
  return sparse_loss(d, options, lambda0(d.background), d.background.size(1));
}

LossValue sparse_loss(const Decomposition& d, const LossOptions& options, double lambda,
                      int64_t channels) {
  const double unit = std::pow(lambda, d.scale.defined() ? 2 : 1);
  LossValue loss;
  for (const auto& [name, member, prior] : kSparseTerms) {
    const LossOptions::Sparse& sparse = options.*member;
    if (sparse.weight == 0.0) continue;
    // M has one channel and stands for all of its frame: its priors count once for each, so that
    // weights mean the same for grey and for colour.
    const auto times = static_cast<double>(sparse.on == PriorTarget::kMask ? channels : 1);
    const auto value = prior(target(d, sparse.on), options.gradient, sparse.knee);
    add_term(loss, name, unit * times * sparse.weight * value);
  }
  return loss;
}

bool is_sparse_on_mask_alone(const LossOptions& options) {
  return std::ranges::all_of(kSparseTerms, [&](const SparseTerm& term) {
    const LossOptions::Sparse& sparse = options.*term.options;
    return sparse.weight == 0.0 || sparse.on == PriorTarget::kMask;
  });
}

LossValue total_loss(const Decomposition& d, const LossOptions& options) {
  LossValue loss = low_rank_loss(d, options);
  const LossValue sparse = sparse_loss(d, options);
  loss.terms.insert(loss.terms.end(), sparse.terms.begin(), sparse.terms.end());
  if (!loss.total.defined()) {
    loss.total = sparse.total;
  } else if (sparse.total.defined()) {
    loss.total = loss.total + sparse.total;
  }
  return loss;
}

}  // namespace proxseg
