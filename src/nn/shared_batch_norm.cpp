#include "nn/shared_batch_norm.h"

#include <torch/autograd.h>
#include <torch/custom_class.h>

#include <algorithm>

namespace proxseg {
namespace {

using torch::Tensor;
using torch::autograd::AutogradContext;
using torch::autograd::variable_list;

struct Statistics {
  Tensor mean, variance;  // [C] float32
  double count = 0.0;     // values of a channel
};

// As an autograd Function can keep it.
struct Sum : torch::CustomClassHolder {
  explicit Sum(SumOverProcesses f) : function(std::move(f)) {}
  SumOverProcesses function;
};

// n = sum n_r,  mean = sum n_r m_r / n,  variance = sum n_r (v_r + m_r^2) / n - mean^2
Statistics statistics_of(const Tensor& x, const SumOverProcesses& sum) {
  const auto local = at::batch_norm_update_stats(x, {}, {}, 0.0);
  const Tensor m = std::get<0>(local).to(torch::kFloat64);
  const Tensor v = std::get<1>(local).to(torch::kFloat64);
  const int64_t channels = x.size(1);
  const double n = static_cast<double>(x.numel()) / static_cast<double>(channels);
  Tensor sums = torch::cat({n * m, n * (v + m * m), torch::full({1}, n, m.options())});
  sum(sums);
  const double count = sums[2 * channels].item<double>();
  const Tensor mean = sums.narrow(0, 0, channels) / count;
  const Tensor variance = sums.narrow(0, channels, channels) / count - mean * mean;
  return {mean.to(torch::kFloat32), variance.clamp_min(0.0).to(torch::kFloat32), count};
}

struct Normalise : torch::autograd::Function<Normalise> {
  static Tensor forward(AutogradContext* context, const Tensor& x, const Tensor& weight,
                        const Tensor& bias, const Statistics& s, double eps,
                        const c10::intrusive_ptr<Sum>& sum) {
    context->save_for_backward({x, weight, s.mean, s.variance});
    context->saved_data["count"] = s.count;
    context->saved_data["eps"] = eps;
    context->saved_data["sum"] = c10::IValue::make_capsule(sum);
    return std::get<0>(
        at::native_batch_norm(x, weight, bias, s.mean, s.variance, /*training=*/false, 0.0, eps));
  }

  // With y = w h + b, h = (x - mean)/s and averages over all processes:
  //   dx = w/s (dy - mean(dy) - h mean(dy h)),   dw = sum(dy h),   db = sum(dy)
  static variable_list backward(AutogradContext* context, const variable_list& gradients) {
    const variable_list saved = context->get_saved_variables();
    const Tensor &x = saved[0], &weight = saved[1], &mean = saved[2], &variance = saved[3];
    const double count = context->saved_data["count"].toDouble();
    const double eps = context->saved_data["eps"].toDouble();
    const Tensor dy = gradients[0].contiguous(x.suggest_memory_format());
    const auto [none, dw, db] = at::native_batch_norm_backward(
        dy, x, weight, mean, variance, {}, {}, /*train=*/false, eps, {false, true, true});
    Tensor sums = torch::cat({db, dw}).to(torch::kFloat64);
    const auto holder = context->saved_data["sum"].toCapsule();
    static_cast<const Sum&>(*holder).function(sums);
    const auto means = (sums / count).to(torch::kFloat32).chunk(2);
    const Tensor inverse = (variance + eps).rsqrt();
    const Tensor factor = weight * inverse, slope = -factor * inverse * means[1];
    const Tensor offset = -factor * means[0] - slope * mean;
    const auto along_channels = [](const Tensor& v) { return v.view({1, -1, 1, 1}); };
    const Tensor dx = torch::addcmul(along_channels(offset), x, along_channels(slope))
                          .addcmul_(dy, along_channels(factor));
    return {dx, dw, db, Tensor(), Tensor(), Tensor()};
  }
};

void update_running(torch::nn::BatchNorm2dImpl& norm, const Statistics& s) {
  const torch::NoGradGuard no_grad;
  norm.num_batches_tracked += 1;
  const auto momentum = norm.options.momentum();
  const double rate =
      momentum ? *momentum : 1.0 / static_cast<double>(norm.num_batches_tracked.item<int64_t>());
  norm.running_mean.lerp_(s.mean, rate);
  norm.running_var.lerp_(s.variance * (s.count / std::max(s.count - 1.0, 1.0)), rate);
}

}  // namespace

Tensor shared_batch_norm(const Tensor& x, torch::nn::BatchNorm2dImpl& norm,
                         const SumOverProcesses& sum) {
  const Tensor values = x.to(torch::kFloat32);
  const Statistics s = statistics_of(values.detach(), sum);
  update_running(norm, s);
  return Normalise::apply(values, norm.weight, norm.bias, s, norm.options.eps(),
                          c10::make_intrusive<Sum>(sum));
}

}  // namespace proxseg
