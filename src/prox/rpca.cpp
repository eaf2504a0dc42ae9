#include "proxseg/prox/rpca.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <utility>

#include "proxseg/core/check.h"
#include "proxseg/core/error.h"
#include "proxseg/prox/operators.h"
#include "proxseg/prox/spectral.h"

namespace proxseg {
namespace {

constexpr int64_t kCheckEvery = 10;
// The penalty is balanced early on only, since ADMM converges for a fixed one.
constexpr int64_t kBalanceUntil = 100;

double l1_norm(const torch::Tensor& x) { return x.abs().sum(torch::kDouble).item<double>(); }

double l2_norm(const torch::Tensor& x) { return x.norm().item<double>(); }

// In float64 throughout: with float32 products the rounding of the many zeros would add up to 1e-4
// of the norm.
torch::Tensor singular_values(const torch::Tensor& x) {
  return spectrum(x.to(torch::kDouble)).singular_values;
}

double sum_of_singular_values(const torch::Tensor& x) {
  return spectral_value(singular_values(x), {});
}

// ADMM with penalty rho and multiplier rho U (Boyd et al. 2011, 3.1.1):
//   L <- SVT_{1/rho}(D - S + U)
//   S <- soft_{lambda/rho}(D - L + U)
//   U <- U + D - L - S
class Admm {
 public:
  Admm(torch::Tensor D, double lambda, double rho)
      : D_(std::move(D)),
        lambda_(lambda),
        rho_(rho),
        L_(torch::zeros_like(D_)),
        S_(torch::zeros_like(D_)),
        U_(torch::zeros_like(D_)) {}

  void iterate() {
    L_ = singular_value_threshold(D_ - S_ + U_, 1 / rho_);
    const torch::Tensor V = D_ - L_ + U_;
    const torch::Tensor S = soft_threshold(V, lambda_ / rho_);
    change_ = S - S_;
    S_ = S;
    U_ = V - S;
  }

  // The objective at the better of the two pairs (L, D - L) and (D - S, S), which add up to D.
  double objective() const {
    const torch::Tensor rest = D_ - S_;
    return std::min(sum_of_singular_values(L_) + lambda_ * l1_norm(D_ - L_),
                    sum_of_singular_values(rest) + lambda_ * l1_norm(S_));
  }

  // The dual problem is max <D, Y> subject to ||Y||_2 <= 1 and ||Y||_inf <= lambda. rho U always
  // satisfies the latter; scaled, it satisfies both.
  double lower_bound() const {
    const torch::Tensor Y = rho_ * U_.to(torch::kDouble);
    const double norm = singular_values(Y)[0].item<double>();
    return (D_ * Y).sum().item<double>() / std::max(1.0, norm);
  }

  double residual() const { return l2_norm(D_ - L_ - S_) / l2_norm(D_); }

  // Keeps primal and dual residual, both in units of D, within a factor of three (after Boyd et al.
  // 2011, 3.4.1).
  void balance() {
    const double primal = l2_norm(D_ - L_ - S_);
    const double dual = l2_norm(change_);
    const double factor = primal > 3 * dual ? 2 : dual > 3 * primal ? 0.5 : 1;
    rho_ *= factor;
    U_ /= factor;
  }

  const torch::Tensor& background() const { return L_; }
  const torch::Tensor& foreground() const { return S_; }

 private:
  torch::Tensor D_;
  double lambda_;
  double rho_;
  torch::Tensor L_, S_, U_;
  torch::Tensor change_;  // of S in the last iteration
};

void check(const torch::Tensor& D, const RpcaOptions& options) {
  expect_tensor(D, {"N", "P"}, "D");
  if (D.numel() == 0) throw UsageError("D: holds no frame or no pixel");
  expect_value(options.lambda >= 0 && std::isfinite(options.lambda), "lambda", options.lambda,
               "at least 0 and finite");
  expect_value(options.max_iterations >= 1, "max_iterations",
               static_cast<double>(options.max_iterations), "at least 1");
  expect_value(options.tolerance > 0, "tolerance", options.tolerance, "above 0");
  if (!std::isfinite(l1_norm(D))) {
    throw NumericsError("D holds NaN or infinity", "Check the frames for broken values.");
  }
}

// The penalty of Candes et al. 2011, section 5; it makes the iterates follow the scale of D.
double initial_penalty(const torch::Tensor& D) {
  return static_cast<double>(D.numel()) / (4 * l1_norm(D));
}

RpcaResult solve(const torch::Tensor& D, const RpcaOptions& options, const RpcaProgress& progress) {
  const double larger_side = static_cast<double>(std::max(D.size(0), D.size(1)));
  const double lambda = options.lambda > 0 ? options.lambda : 1 / std::sqrt(larger_side);
  Admm admm(D, lambda, initial_penalty(D));
  RpcaResult result;
  result.objective = std::numeric_limits<double>::infinity();
  while (!result.converged && result.iterations < options.max_iterations) {
    admm.iterate();
    const int64_t done = ++result.iterations;
    if (done % kCheckEvery != 0 && done != options.max_iterations) continue;
    result.objective = std::min(result.objective, admm.objective());
    result.lower_bound = std::max(result.lower_bound, admm.lower_bound());
    result.converged =
        result.objective - result.lower_bound <= options.tolerance * result.objective;
    if (progress) progress(done, result.objective, result.lower_bound);
    if (!result.converged && done <= kBalanceUntil) admm.balance();
  }
  result.background = admm.background();
  result.foreground = admm.foreground();
  result.residual = admm.residual();
  return result;
}

}  // namespace

RpcaResult rpca(const torch::Tensor& D, const RpcaOptions& options, const RpcaProgress& progress) {
  const torch::NoGradGuard no_grad;
  check(D, options);
  if (l1_norm(D) == 0) {
    RpcaResult result;
    result.background = torch::zeros_like(D);
    result.foreground = torch::zeros_like(D);
    result.converged = true;
    return result;
  }
  if (D.size(0) <= D.size(1)) return solve(D.contiguous(), options, progress);
  RpcaResult result = solve(D.t().contiguous(), options, progress);
  result.background = result.background.t();
  result.foreground = result.foreground.t();
  return result;
}

torch::Tensor background_basis(const torch::Tensor& background) {
  const torch::NoGradGuard no_grad;
  expect_tensor(background, {"N", "P"}, "background");
  if (background.numel() == 0) throw UsageError("background: holds no frame or no pixel");
  const torch::Tensor rows = background.to(torch::kDouble);
  const auto [s, V] = spectrum(rows);
  const int64_t rank = (s > 1e-4 * s[0]).sum().item<int64_t>();
  const torch::Tensor left = V.narrow(1, 0, rank) / s.narrow(0, 0, rank);
  return rows.t().mm(left.to(rows.device())).to(background.dtype());
}

torch::Tensor project_frames(const torch::Tensor& frames, const torch::Tensor& basis) {
  const torch::NoGradGuard no_grad;
  expect_tensor(frames, {"M", "P"}, "frames");
  expect_tensor(basis, {frames.size(1), "r"}, "basis");
  if (frames.dtype() != basis.dtype()) throw UsageError("basis: must have the dtype of frames");
  return frames - frames.mm(basis).mm(basis.t());
}

}  // namespace proxseg
