#include "nn/upsample.h"

#include <torch/autograd.h>

#include <algorithm>
#include <vector>

#include "core/ranges.h"

namespace proxseg {
namespace {

using torch::autograd::AutogradContext;
using torch::autograd::variable_list;

constexpr auto kChannelsLast = torch::MemoryFormat::ChannelsLast;

torch::Tensor upsample(const torch::Tensor& x) {
  return torch::upsample_bilinear2d(x, {2 * x.size(2), 2 * x.size(3)}, /*align_corners=*/false);
}

// The neighbour that pixel i of 2 size blends a quarter of into three quarters of pixel i / 2.
int64_t neighbour(int64_t i, int64_t size) {
  return std::clamp<int64_t>(i % 2 == 0 ? i / 2 - 1 : i / 2 + 1, 0, size - 1);
}

// to[i] = 3/4 near[i] + 1/4 far[i]
template <typename From, typename To>
void blend(const From* near, const From* far, int64_t size, To* to) {
  for (int64_t i = 0; i < size; ++i) {
    const float a = near[i], b = far[i];
    to[i] = static_cast<To>(0.75f * a + 0.25f * b);
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
    blend(image + i / 2 * w * c, image + neighbour(i, h) * w * c, w * c, row.data());
    const T* beside = features.data_ptr<T>() + k * 2 * w * d;
    T* to = y.data_ptr<T>() + k * 2 * w * (c + d);
    for (int64_t j = 0; j < 2 * w; ++j, to += c + d, beside += d) {
      blend(row.data() + j / 2 * c, row.data() + neighbour(j, w) * c, c, to);
      std::copy_n(beside, d, to + c);
    }
  }
}

torch::Tensor upsample_on_cpu(const torch::Tensor& x, const torch::Tensor& features) {
  const int64_t n = features.size(0), h = features.size(2), w = features.size(3);
  auto y = torch::empty({n, x.size(1) + features.size(1), h, w}, x.options(), kChannelsLast);
  const auto rows_of =
      x.scalar_type() == torch::kFloat32 ? upsample_rows<float> : upsample_rows<c10::BFloat16>;
  for_each_range(x.device(), n * h, [&](int64_t, Range rows) { rows_of(x, features, rows, y); });
  return y;
}

struct UpsampleBeside : torch::autograd::Function<UpsampleBeside> {
  static torch::Tensor forward(AutogradContext* context, const torch::Tensor& x,
                               const torch::Tensor& features) {
    context->saved_data["size"] = x.sizes();
    return upsample_on_cpu(x.contiguous(kChannelsLast), features.contiguous(kChannelsLast));
  }

  static variable_list backward(AutogradContext* context, const variable_list& gradients) {
    const torch::Tensor& dy = gradients[0];
    const auto size = context->saved_data["size"].toIntVector();
    const int64_t c = size[1];
    const auto dx = at::upsample_bilinear2d_backward(dy.narrow(1, 0, c).contiguous(kChannelsLast),
                                                     {dy.size(2), dy.size(3)}, size,
                                                     /*align_corners=*/false);
    return {dx, dy.narrow(1, c, dy.size(1) - c)};
  }
};

}  // namespace

torch::Tensor upsample_beside(const torch::Tensor& x, const torch::Tensor& features) {
  const auto type = x.scalar_type();
  const bool known = type == torch::kFloat32 || type == torch::kBFloat16;
  if (!x.is_cpu() || !known || features.scalar_type() != type) {
    return torch::cat({upsample(x), features}, 1);
  }
  return UpsampleBeside::apply(x, features);
}

}  // namespace proxseg
