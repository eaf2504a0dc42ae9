#include "nn/kernels/kernels.h"

#include <torch/autograd.h>

#include <algorithm>
#include <vector>

#include "core/ranges.h"
#include "nn/kernels/loops.h"

namespace proxseg {
namespace {

using torch::autograd::AutogradContext;
using torch::autograd::variable_list;

torch::Tensor upsample(const torch::Tensor& x) {
  return torch::upsample_bilinear2d(x, {2 * x.size(2), 2 * x.size(3)}, /*align_corners=*/false);
}

// The neighbour that pixel i of 2 size blends a quarter of into three quarters of pixel i / 2.
int64_t neighbour(int64_t i, int64_t size) {
  return std::clamp<int64_t>(i % 2 == 0 ? i / 2 - 1 : i / 2 + 1, 0, size - 1);
}

// to[i] = 3/4 near[i] + 1/4 far[i]
template <typename From, typename To>
inline void blend(const From* near, const From* far, int64_t size, To* __restrict to) {
  for (int64_t i = 0; i < size; ++i) {
    const float a = near[i], b = far[i];
    to[i] = static_cast<To>(0.75f * a + 0.25f * b);
  }
}

// A row of 2 w pixels of c channels, between rows of w, beside a row of d channels. row: w c
// values.
template <typename T>
PROXSEG_VECTORIZED void upsample_row(const T* near, const T* far, int64_t w, int64_t c,
                                     const T* beside, int64_t d, float* __restrict row,
                                     T* __restrict to) {
  blend(near, far, w * c, row);
  for (int64_t j = 0; j < 2 * w; ++j, to += c + d, beside += d) {
    blend(row + j / 2 * c, row + neighbour(j, w) * c, c, to);
    std::copy_n(beside, d, to + c);
  }
}

// Both channels last, without autograd.
template <typename T>
void upsample_rows(const torch::Tensor& x, const torch::Tensor& features, Range rows,
                   torch::Tensor& y) {
  const int64_t c = x.size(1), d = features.size(1), h = x.size(2), w = x.size(3);
  std::vector<float> row(static_cast<size_t>(w * c));
  for (int64_t k = rows.begin; k < rows.begin + rows.size; ++k) {
    const T* image = x.data_ptr<T>() + k / (2 * h) * h * w * c;
    const int64_t i = k % (2 * h);
    upsample_row(image + i / 2 * w * c, image + neighbour(i, h) * w * c, w, c,
                 features.data_ptr<T>() + k * 2 * w * d, d, row.data(),
                 y.data_ptr<T>() + k * 2 * w * (c + d));
  }
}

torch::Tensor upsample_on_cpu(const torch::Tensor& x, const torch::Tensor& features) {
  const int64_t n = features.size(0), h = features.size(2), w = features.size(3);
  auto y = torch::empty({n, x.size(1) + features.size(1), h, w}, x.options(), kChannelsLast);
  by_type<float, c10::BFloat16>(x.scalar_type(), [&](auto type) {
    for_each_range(x.device(), n * h, [&](int64_t, Range rows) {
      upsample_rows<decltype(type)>(x, features, rows, y);
    });
  });
  return y;
}

// Gradients of four rows or pixels: of the two children, and of the neighbours beyond them.
template <typename T>
struct Children {
  const T *before, *first, *second, *after;

  // to[i] = 3/4 (first[i] + second[i]) + 1/4 (before[i] + after[i])
  template <typename To>
  void gather(int64_t size, To* __restrict to) const {
    for (int64_t i = 0; i < size; ++i) {
      const float near = static_cast<float>(first[i]) + static_cast<float>(second[i]);
      const float far = static_cast<float>(before[i]) + static_cast<float>(after[i]);
      to[i] = static_cast<To>(0.75f * near + 0.25f * far);
    }
  }
};

// Those of pixel i of `size`, in x, with `step` values from one to the next. At the border the
// child takes its neighbour's place.
template <typename T>
Children<T> children_of(const T* x, int64_t i, int64_t size, int64_t step) {
  return {x + std::max<int64_t>(2 * i - 1, 0) * step, x + 2 * i * step, x + (2 * i + 1) * step,
          x + std::min(2 * i + 2, 2 * size - 1) * step};
}

// The adjoint of upsample_row. row: 2 w (c + d) values.
template <typename T>
PROXSEG_VECTORIZED void gather_row(const Children<T>& children, int64_t w, int64_t c, int64_t d,
                                   float* __restrict row, T* __restrict to) {
  children.gather(2 * w * (c + d), row);
  for (int64_t j = 0; j < w; ++j) {
    children_of<float>(row, j, w, c + d).gather(c, to + j * c);
  }
}

// rows: of dx.
template <typename T>
void gather_rows(const torch::Tensor& dy, Range rows, torch::Tensor& dx, torch::Tensor& beside) {
  const int64_t c = dx.size(1), d = beside.size(1), h = dx.size(2), w = dx.size(3);
  const int64_t row = 2 * w * (c + d);
  std::vector<float> mixed(static_cast<size_t>(row));
  for (int64_t k = rows.begin; k < rows.begin + rows.size; ++k) {
    const T* image = dy.data_ptr<T>() + k / h * 2 * h * row;
    const Children<T> children = children_of(image, k % h, h, row);
    gather_row(children, w, c, d, mixed.data(), dx.data_ptr<T>() + k * w * c);
    T* to = beside.data_ptr<T>() + k * 4 * w * d;
    for (int64_t j = 0; j < 4 * w; ++j) {
      std::copy_n(children.first + j * (c + d) + c, d, to + j * d);
    }
  }
}

struct UpsampleBeside : torch::autograd::Function<UpsampleBeside> {
  static torch::Tensor forward(AutogradContext* context, const torch::Tensor& x,
                               const torch::Tensor& features) {
    context->saved_data["size"] = x.sizes();
    return upsample_on_cpu(x.contiguous(kChannelsLast), features.contiguous(kChannelsLast));
  }

  static variable_list backward(AutogradContext* context, const variable_list& gradients) {
    const torch::Tensor dy = gradients[0].contiguous(kChannelsLast);
    const auto size = context->saved_data["size"].toIntVector();
    const int64_t n = dy.size(0), beside = dy.size(1) - size[1];
    auto dx = torch::empty(size, dy.options(), kChannelsLast);
    auto rest = torch::empty({n, beside, dy.size(2), dy.size(3)}, dy.options(), kChannelsLast);
    by_type<float, c10::BFloat16>(dy.scalar_type(), [&](auto type) {
      for_each_range(dy.device(), n * size[2],
                     [&](int64_t, Range rows) { gather_rows<decltype(type)>(dy, rows, dx, rest); });
    });
    return {dx, rest};
  }
};

}  // namespace

torch::Tensor upsample_beside(const torch::Tensor& x, const torch::Tensor& features) {
  if (!has_loops(x) || features.scalar_type() != x.scalar_type()) {
    return torch::cat({upsample(x), features}, 1);
  }
  return UpsampleBeside::apply(x, features);
}

}  // namespace proxseg
