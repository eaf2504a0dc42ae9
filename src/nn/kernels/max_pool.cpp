#include "nn/kernels/max_pool.h"

#include <torch/autograd.h>

#include "core/ranges.h"
#include "core/vectorized.h"
#include "nn/kernels/loops.h"

namespace proxseg {
namespace {

using torch::Tensor;
using torch::autograd::AutogradContext;
using torch::autograd::variable_list;

// The larger one; NaN stays NaN.
inline float larger(float a, float b) { return b > a || b != b ? b : a; }

// The four pixels of a window begin at upper, upper + step, lower and lower + step.
template <typename T>
inline void pool_pixel(const T* upper, const T* lower, int64_t step, int64_t count,
                       T* __restrict y) {
  for (int64_t k = 0; k < count; ++k) {
    const float above = larger(static_cast<float>(upper[k]), static_cast<float>(upper[step + k]));
    const float below = larger(static_cast<float>(lower[k]), static_cast<float>(lower[step + k]));
    y[k] = static_cast<T>(larger(above, below));
  }
}

// The gradient of a window goes to the first of its values a, b, c, d that is the largest.
template <typename T>
inline void spread_pixel(const T* upper, const T* lower, int64_t step, int64_t count,
                         const T* __restrict dy, T* __restrict to_upper, T* __restrict to_lower) {
  for (int64_t k = 0; k < count; ++k) {
    const auto a = static_cast<float>(upper[k]), b = static_cast<float>(upper[step + k]);
    const auto c = static_cast<float>(lower[k]), d = static_cast<float>(lower[step + k]);
    const float most = larger(larger(a, b), larger(c, d)), g = static_cast<float>(dy[k]);
    const float to_a = a == most ? g : 0.0F, after_a = g - to_a;
    const float to_b = b == most ? after_a : 0.0F, after_b = after_a - to_b;
    const float to_c = c == most ? after_b : 0.0F;
    to_upper[k] = static_cast<T>(to_a);
    to_upper[step + k] = static_cast<T>(to_b);
    to_lower[k] = static_cast<T>(to_c);
    to_lower[step + k] = static_cast<T>(after_b - to_c);
  }
}

// Channels of a pixel that fill the processor's vectors: a loop over so many is compiled without a
// rest.
constexpr int64_t kGroup = 16;

template <typename T>
PROXSEG_VECTORIZED void pool_row(const T* upper, const T* lower, int64_t width, int64_t channels,
                                 T* __restrict y) {
  for (int64_t j = 0; j < width; ++j, upper += 2 * channels, lower += 2 * channels, y += channels) {
    int64_t k = 0;
    for (; k + kGroup <= channels; k += kGroup) {
      pool_pixel(upper + k, lower + k, channels, kGroup, y + k);
    }
    pool_pixel(upper + k, lower + k, channels, channels - k, y + k);
  }
}

template <typename T>
PROXSEG_VECTORIZED void spread_row(const T* upper, const T* lower, int64_t width, int64_t channels,
                                   const T* __restrict dy, T* __restrict to_upper,
                                   T* __restrict to_lower) {
  const int64_t step = 2 * channels;
  for (int64_t j = 0; j < width;
       ++j, upper += step, lower += step, to_upper += step, to_lower += step, dy += channels) {
    int64_t k = 0;
    for (; k + kGroup <= channels; k += kGroup) {
      spread_pixel(upper + k, lower + k, channels, kGroup, dy + k, to_upper + k, to_lower + k);
    }
    spread_pixel(upper + k, lower + k, channels, channels - k, dy + k, to_upper + k, to_lower + k);
  }
}

// Calls body(wide, narrow) for each row of the pooled image: where its two rows of x and it begin.
template <typename Body>
void for_each_row(const Tensor& x, const Body& body) {
  const int64_t rows = x.size(2) / 2, row = x.size(3) * x.size(1);
  for_each_range(x.device(), x.size(0) * rows, [&](int64_t, Range range) {
    for (int64_t i = range.begin; i < range.begin + range.size; ++i) body(2 * i * row, i * row / 2);
  });
}

struct MaxPool : torch::autograd::Function<MaxPool> {
  static Tensor forward(AutogradContext* context, const Tensor& x) {
    context->save_for_backward({x});
    const int64_t c = x.size(1), w = x.size(3);
    Tensor y = torch::empty({x.size(0), c, x.size(2) / 2, w / 2}, x.options(), kChannelsLast);
    by_type(x.scalar_type(), [&](auto type) {
      using T = decltype(type);
      for_each_row(x, [&](int64_t wide, int64_t narrow) {
        const T* upper = x.data_ptr<T>() + wide;
        pool_row(upper, upper + w * c, w / 2, c, y.data_ptr<T>() + narrow);
      });
    });
    return y;
  }

  static variable_list backward(AutogradContext* context, const variable_list& gradients) {
    const Tensor x = context->get_saved_variables()[0];
    const Tensor dy = gradients[0].contiguous(kChannelsLast);
    const int64_t c = x.size(1), w = x.size(3);
    Tensor dx = torch::empty_like(x);
    by_type(x.scalar_type(), [&](auto type) {
      using T = decltype(type);
      for_each_row(x, [&](int64_t wide, int64_t narrow) {
        const T* upper = x.data_ptr<T>() + wide;
        T* gradient = dx.data_ptr<T>() + wide;
        spread_row(upper, upper + w * c, w / 2, c, dy.data_ptr<T>() + narrow, gradient,
                   gradient + w * c);
      });
    });
    return {dx};
  }
};

}  // namespace

Tensor max_pool(const Tensor& x) {
  const bool is_even = x.size(2) % 2 == 0 && x.size(3) % 2 == 0;
  if (!has_loops(x) || !is_even) return torch::max_pool2d(x, 2);
  return MaxPool::apply(x.contiguous(kChannelsLast));
}

}  // namespace proxseg
