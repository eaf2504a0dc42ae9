#include "nn/kernels/kernels.h"

#include <torch/autograd.h>
#include <torch/custom_class.h>
#include <torch/nn/modules/batchnorm.h>

#include <algorithm>
#include <vector>

#include "core/ranges.h"
#include "nn/kernels/loops.h"

namespace proxseg {
namespace {

using torch::Tensor;
using torch::autograd::AutogradContext;
using torch::autograd::variable_list;

// ---- loops over values in channels-last memory

// A row of whole pixels, long enough for the processor's vectors where a pixel is not.
int64_t row_of(int64_t channels) { return channels * std::max<int64_t>(1, 128 / channels); }

// One value for each of a row.
std::vector<float> along_row(const Tensor& of_channels) {
  const Tensor values = of_channels.to(torch::kFloat32).contiguous();
  const int64_t channels = values.numel();
  std::vector<float> result(static_cast<size_t>(row_of(channels)));
  for (size_t i = 0; i < result.size(); ++i) {
    result[i] = values.data_ptr<float>()[i % static_cast<size_t>(channels)];
  }
  return result;
}

// What flows back through the ReLU: dy where a x + b > 0, else 0.
inline float gated(float dy, float x, float a, float b) { return a * x + b > 0.0F ? dy : 0.0F; }

// Adds x - k to `sum` and its square to `squares`.
template <typename T>
PROXSEG_VECTORIZED void add_moments(const T* __restrict x, int64_t size, int64_t row,
                                    const float* __restrict k, float* __restrict sum,
                                    float* __restrict squares) {
  for (int64_t i = 0; i < size; i += row) {
    for (int64_t j = 0; j < std::min(row, size - i); ++j) {
      const float value = static_cast<float>(x[i + j]) - k[j];
      sum[j] += value;
      squares[j] += value * value;
    }
  }
}

// y = relu(a x + b); NaN stays NaN.
template <typename T>
PROXSEG_VECTORIZED void scale_and_clip_rows(const T* __restrict x, int64_t size, int64_t row,
                                            const float* __restrict a, const float* __restrict b,
                                            T* __restrict y) {
  for (int64_t i = 0; i < size; i += row) {
    for (int64_t j = 0; j < std::min(row, size - i); ++j) {
      const float value = a[j] * static_cast<float>(x[i + j]) + b[j];
      y[i + j] = static_cast<T>(value < 0.0F ? 0.0F : value);
    }
  }
}

// Adds g to `sum` and g (x - mean) to `products`, g the gated dy.
template <typename T>
PROXSEG_VECTORIZED void add_gradients(const T* __restrict x, const T* __restrict dy, int64_t size,
                                      int64_t row, const float* __restrict a,
                                      const float* __restrict b, const float* __restrict mean,
                                      float* __restrict sum, float* __restrict products) {
  for (int64_t i = 0; i < size; i += row) {
    for (int64_t j = 0; j < std::min(row, size - i); ++j) {
      const auto value = static_cast<float>(x[i + j]);
      const float g = gated(static_cast<float>(dy[i + j]), value, a[j], b[j]);
      sum[j] += g;
      products[j] += g * (value - mean[j]);
    }
  }
}

// dx = a g + p x + q
template <typename T>
PROXSEG_VECTORIZED void gradient_rows(const T* __restrict x, const T* __restrict dy, int64_t size,
                                      int64_t row, const float* __restrict a,
                                      const float* __restrict b, const float* __restrict p,
                                      const float* __restrict q, T* __restrict dx) {
  for (int64_t i = 0; i < size; i += row) {
    for (int64_t j = 0; j < std::min(row, size - i); ++j) {
      const auto value = static_cast<float>(x[i + j]);
      const float g = gated(static_cast<float>(dy[i + j]), value, a[j], b[j]);
      dx[i + j] = static_cast<T>(a[j] * g + p[j] * value + q[j]);
    }
  }
}

// Calls body(i, values) for ranges of whole pixels of x, in parallel.
template <typename Body>
void for_each_part(const Tensor& x, const Body& body) {
  const int64_t channels = x.size(1);
  for_each_range(x.device(), x.numel() / channels, [&](int64_t i, Range pixels) {
    body(i, Range{pixels.begin * channels, pixels.size * channels});
  });
}

// [2, C] float64: sums over x by channel, in float32 over a few rows and float64 over those.
// add(first, count, a, b) adds to rows a and b what `count` values from the first-th on come to.
template <typename Add>
Tensor sum_by_channel(const Tensor& x, const Add& add) {
  constexpr int64_t kRows = 32;
  const int64_t channels = x.size(1), row = row_of(channels);
  const int64_t parts = count_ranges(x.device(), x.numel() / channels);
  Tensor sums = torch::zeros({parts, 2, channels}, torch::kFloat64);
  for_each_part(x, [&](int64_t part, Range values) {
    double* sum = sums.data_ptr<double>() + part * 2 * channels;
    const int64_t end = values.begin + values.size;
    for (int64_t i = values.begin; i < end; i += kRows * row) {
      std::vector<float> rows(static_cast<size_t>(2 * row));
      add(i, std::min(kRows * row, end - i), rows.data(), rows.data() + row);
      for (int64_t j = 0; j < row; ++j) {
        sum[j % channels] += rows[static_cast<size_t>(j)];
        sum[channels + j % channels] += rows[static_cast<size_t>(row + j)];
      }
    }
  });
  return sums.sum(0);
}

// ---- the passes, each by loops on the CPU and by ATen's operators elsewhere

Tensor widened(const Tensor& x) {
  return x.scalar_type() == torch::kFloat64 ? x : x.to(torch::kFloat32);
}

Tensor along_channels(const Tensor& v, const Tensor& x) {
  return v.to(x.scalar_type()).view({1, -1, 1, 1});
}

// a x + b
Tensor scale(const Tensor& x, const Tensor& a, const Tensor& b) {
  return torch::addcmul(along_channels(b, x), x, along_channels(a, x));
}

Tensor sums_of(const Tensor& a, const Tensor& b) {
  const auto by_channel = [](const Tensor& t) { return t.sum({0, 2, 3}, false, torch::kFloat64); };
  return torch::stack({by_channel(a), by_channel(b)});
}

// [2, C] float64: sum of x - k and of its square.
Tensor moments(const Tensor& x, const Tensor& k) {
  if (!has_loops(x)) {
    const Tensor wide = widened(x), shifted = wide - along_channels(k, wide);
    return sums_of(shifted, shifted * shifted);
  }
  const std::vector<float> shift = along_row(k);
  const auto row = static_cast<int64_t>(shift.size());
  return by_type<float, c10::BFloat16>(x.scalar_type(), [&](auto type) {
    const auto* from = x.data_ptr<decltype(type)>();
    return sum_by_channel(x, [&](int64_t first, int64_t count, float* sum, float* squares) {
      add_moments(from + first, count, row, shift.data(), sum, squares);
    });
  });
}

// y = relu(a x + b)
Tensor scale_and_clip(const Tensor& x, const Tensor& a, const Tensor& b) {
  if (!has_loops(x)) return scale(widened(x), a, b).relu_().to(x.scalar_type());
  const std::vector<float> factor = along_row(a), offset = along_row(b);
  const auto row = static_cast<int64_t>(factor.size());
  return by_type<float, c10::BFloat16>(x.scalar_type(), [&](auto type) {
    using T = decltype(type);
    Tensor y = torch::empty_like(x);
    for_each_part(x, [&](int64_t, Range part) {
      scale_and_clip_rows(x.data_ptr<T>() + part.begin, part.size, row, factor.data(),
                          offset.data(), y.data_ptr<T>() + part.begin);
    });
    return y;
  });
}

// The way back of dy through relu(a x + b).
class Backward {
 public:
  Backward(const Tensor& x, const Tensor& dy, const Tensor& a, const Tensor& b)
      : x_(x), dy_(dy), a_(a), b_(b), factor_(along_row(a)), offset_(along_row(b)) {}

  // [2, C] float64: sum of g and of g (x - mean), g what comes through.
  Tensor sums(const Tensor& mean) const {
    if (!has_loops(x_)) {
      const Tensor g = gate(), wide = widened(x_);
      return sums_of(g, g * (wide - along_channels(mean, wide)));
    }
    const std::vector<float> centre = along_row(mean);
    return by_type<float, c10::BFloat16>(x_.scalar_type(), [&](auto type) {
      using T = decltype(type);
      const T *x = x_.data_ptr<T>(), *dy = dy_.data_ptr<T>();
      return sum_by_channel(x_, [&](int64_t first, int64_t count, float* sum, float* products) {
        add_gradients(x + first, dy + first, count, row(), factor_.data(), offset_.data(),
                      centre.data(), sum, products);
      });
    });
  }

  // dx = a g + p x + q
  Tensor gradient(const Tensor& p, const Tensor& q) const {
    if (!has_loops(x_)) {
      const Tensor g = gate();
      return scale(widened(x_), p, q).addcmul_(g, along_channels(a_, g)).to(x_.scalar_type());
    }
    const std::vector<float> slope = along_row(p), constant = along_row(q);
    return by_type<float, c10::BFloat16>(x_.scalar_type(), [&](auto type) {
      using T = decltype(type);
      const T *x = x_.data_ptr<T>(), *dy = dy_.data_ptr<T>();
      Tensor dx = torch::empty_like(x_);
      for_each_part(x_, [&](int64_t, Range part) {
        gradient_rows(x + part.begin, dy + part.begin, part.size, row(), factor_.data(),
                      offset_.data(), slope.data(), constant.data(), dx.data_ptr<T>() + part.begin);
      });
      return dx;
    });
  }

 private:
  Tensor gate() const { return widened(dy_) * (scale(widened(x_), a_, b_) > 0); }
  int64_t row() const { return static_cast<int64_t>(factor_.size()); }

  Tensor x_, dy_, a_, b_;
  std::vector<float> factor_, offset_;
};

// ---- batch norm

struct Statistics {
  Tensor mean, variance;  // [C] float64
  double count = 0.0;     // values of a channel
};

// As an autograd Function can keep it.
struct Sum : torch::CustomClassHolder {
  explicit Sum(SumOverProcesses f) : function(std::move(f)) {}
  SumOverProcesses function;
};

// The first pixel of x, [C] float64; 0 where x has none.
Tensor first_pixel(const Tensor& x) {
  const auto in_float64 = x.options().dtype(torch::kFloat64);
  if (x.numel() == 0) return torch::zeros({x.size(1)}, in_float64);
  return x[0].select(1, 0).select(1, 0).to(torch::kFloat64);
}

// n = sum n_r,  mean = sum n_r m_r / n,  variance = sum n_r (v_r + m_r^2) / n - mean^2, where the
// mean m_r and the variance v_r of each process are taken about its first pixel, k.
Statistics statistics_of(const Tensor& x, const SumOverProcesses& sum) {
  const Tensor k = first_pixel(x);
  const double n = static_cast<double>(x.numel()) / static_cast<double>(x.size(1));
  const Tensor means = moments(x, k) / std::max(n, 1.0);
  const Tensor v = means[1] - means[0] * means[0], m = means[0] + k;
  if (!sum) return {m, v.clamp_min(0.0), n};
  const int64_t channels = x.size(1);
  Tensor sums = torch::cat({n * m, n * (v + m * m), torch::full({1}, n, m.options())});
  sum(sums);
  const double count = sums[2 * channels].item<double>();
  const Tensor mean = sums.narrow(0, 0, channels) / count;
  const Tensor variance = sums.narrow(0, channels, channels) / count - mean * mean;
  return {mean, variance.clamp_min(0.0), count};
}

// With h = (x - mean)/s, s = sqrt(variance + eps):  y = relu(w h + b) = relu(a x + o),  a = w/s,
// o = b - a mean.
struct Affine {
  Tensor a, o;  // [C] float64

  Affine(const Tensor& weight, const Tensor& bias, const Tensor& mean, const Tensor& inverse)
      : a(weight.to(torch::kFloat64) * inverse), o(bias.to(torch::kFloat64) - a * mean) {}
};

struct Normalise : torch::autograd::Function<Normalise> {
  static Tensor forward(AutogradContext* context, const Tensor& x, const Tensor& weight,
                        const Tensor& bias, const Statistics& s, double eps,
                        const SumOverProcesses& sum) {
    const Tensor inverse = (s.variance + eps).rsqrt();
    context->save_for_backward({x, weight, bias, s.mean, inverse});
    context->saved_data["count"] = s.count;
    if (sum) context->saved_data["sum"] = c10::IValue::make_capsule(c10::make_intrusive<Sum>(sum));
    const Affine affine(weight, bias, s.mean, inverse);
    return scale_and_clip(x, affine.a, affine.o);
  }

  // With g = dy where y > 0, else 0, and averages over all processes:
  //   dx = a (g - mean(g) - h mean(g h)),   dw = sum(g h),   db = sum(g)
  static variable_list backward(AutogradContext* context, const variable_list& gradients) {
    const variable_list saved = context->get_saved_variables();
    const Tensor &x = saved[0], &weight = saved[1], &bias = saved[2], &mean = saved[3],
                 &inverse = saved[4];
    const Affine affine(weight, bias, mean, inverse);
    const Tensor dy = gradients[0].to(x.scalar_type()).contiguous(kChannelsLast);
    const Backward backward(x, dy, affine.a, affine.o);
    Tensor sums = backward.sums(mean);
    const Tensor db = sums[0].to(bias.scalar_type());
    const Tensor dw = (sums[1] * inverse).to(weight.scalar_type());
    const auto found = context->saved_data.find("sum");
    if (found != context->saved_data.end()) {
      static_cast<const Sum&>(*found->second.toCapsule()).function(sums);
    }
    const Tensor means = sums / context->saved_data["count"].toDouble();
    const Tensor p = -affine.a * inverse * inverse * means[1];
    const Tensor q = -affine.a * means[0] - p * mean;
    return {backward.gradient(p, q), dw, db, Tensor(), Tensor(), Tensor()};
  }
};

void update_running(torch::nn::BatchNorm2dImpl& norm, const Statistics& s) {
  const torch::NoGradGuard no_grad;
  norm.num_batches_tracked += 1;
  const auto momentum = norm.options.momentum();
  const double rate =
      momentum ? *momentum : 1.0 / static_cast<double>(norm.num_batches_tracked.item<int64_t>());
  const double unbiased = s.count / std::max(s.count - 1.0, 1.0);
  norm.running_mean.lerp_(s.mean.to(norm.running_mean.scalar_type()), rate);
  norm.running_var.lerp_((s.variance * unbiased).to(norm.running_var.scalar_type()), rate);
}

}  // namespace

Tensor batch_norm_relu(const Tensor& x, torch::nn::BatchNorm2dImpl& norm,
                       const SumOverProcesses& sum) {
  if (!sum && !has_loops(x)) return norm.forward(x).relu_();
  const Tensor values = x.contiguous(kChannelsLast);
  const Statistics s = statistics_of(values.detach(), sum);
  update_running(norm, s);
  return Normalise::apply(values, norm.weight, norm.bias, s, norm.options.eps(), sum);
}

}  // namespace proxseg
