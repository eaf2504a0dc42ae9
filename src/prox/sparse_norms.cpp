#include "prox/sparse_norms.h"

#include <algorithm>
#include <cmath>
#include <vector>

#include "core/vectorized.h"

namespace proxseg {
namespace {

template <typename T>
PROXSEG_VECTORIZED double sum_of_abs(const T* x, int64_t size) {
  return sum_in_lanes(size, [=](int64_t i) { return std::abs(static_cast<double>(x[i])); });
}

template <typename T>
PROXSEG_VECTORIZED double sum_of_abs_differences(const T* a, const T* b, int64_t size) {
  return sum_in_lanes(size, [=](int64_t i) { return std::abs(static_cast<double>(a[i] - b[i])); });
}

// factor clamp(d/knee, -1, 1), or factor sign(d)
template <typename T>
struct SlopeOf {
  explicit SlopeOf(Slope slope)
      : factor(static_cast<T>(slope.factor)),
        bound(std::abs(factor)),
        steepness(static_cast<T>(slope.knee > 0 ? slope.factor / slope.knee : 0.0)),
        is_smooth(slope.knee > 0) {}

  T operator()(T d) const {
    if (is_smooth) return std::clamp(d * steepness, -bound, bound);
    return factor * static_cast<T>((d > 0) - (d < 0));
  }

  T factor, bound, steepness;
  bool is_smooth;
};

template <typename T>
PROXSEG_VECTORIZED void slopes(const T* x, int64_t size, SlopeOf<T> slope, T* __restrict to) {
  for (int64_t i = 0; i < size; ++i) to[i] = slope(x[i]);
}

template <typename T>
PROXSEG_VECTORIZED void slopes_of_differences(const T* a, const T* b, int64_t size,
                                              SlopeOf<T> slope, T* __restrict to) {
  for (int64_t i = 0; i < size; ++i) to[i] = slope(a[i] - b[i]);
}

// across: [size + 1]
template <typename T>
PROXSEG_VECTORIZED void collect(const T* across, const T* above, const T* below, int64_t size,
                                T* __restrict to) {
  for (int64_t j = 0; j < size; ++j) to[j] = (across[j] - across[j + 1]) + (above[j] - below[j]);
}

template <typename T>
double variation_of_plane(const T* x, int64_t height, int64_t width) {
  double sum = sum_of_abs_differences(x + width, x, (height - 1) * width);
  for (int64_t i = 0; i < height; ++i, x += width)
    sum += sum_of_abs_differences(x + 1, x, width - 1);
  return sum;
}

// The adjoint of the differences: each slope pulls its right (lower) pixel up and its left (upper)
// one down.
template <typename T>
void spread_over_plane(const T* x, int64_t height, int64_t width, SlopeOf<T> slope, T* to) {
  const auto size = static_cast<size_t>(width);
  std::vector<T> across(size + 1), above(size), below(size);
  for (int64_t i = 0; i < height; ++i, x += width, to += width) {
    slopes_of_differences(x + 1, x, width - 1, slope, across.data() + 1);
    if (i + 1 < height) {
      slopes_of_differences(x + width, x, width, slope, below.data());
    } else {
      std::fill(below.begin(), below.end(), T{0});
    }
    collect(across.data(), above.data(), below.data(), width, to);
    above.swap(below);
  }
}

// Calls body(first value) for each image of one channel.
template <typename Body>
void for_each_plane(const torch::Tensor& x, const Body& body) {
  const int64_t plane = x.size(2) * x.size(3);
  if (plane == 0) return;
  for (int64_t first = 0; first < x.numel(); first += plane) body(first);
}

torch::Tensor norm_over_channels(const torch::Tensor& x) {
  return at::linalg_vector_norm(x, 2, 1, /*keepdim=*/true);
}

torch::Tensor difference(const torch::Tensor& x, int64_t dim) {
  const int64_t n = x.size(dim) - 1;
  return x.narrow(dim, 1, n) - x.narrow(dim, 0, n);
}

torch::Tensor slope_of_abs(const torch::Tensor& d, Slope slope) {
  if (slope.knee == 0) return d.sign().mul_(slope.factor);
  const double bound = std::abs(slope.factor);
  return d.mul(slope.factor / slope.knee).clamp_(-bound, bound);
}

}  // namespace

namespace by_aten {

double l1(const torch::Tensor& x) { return x.abs().sum(torch::kDouble).item<double>(); }

void l1_gradient(const torch::Tensor& x, Slope slope, const torch::Tensor& to) {
  to.copy_(slope_of_abs(x, slope));
}

double total_variation(const torch::Tensor& x) {
  return l1(difference(x, 2)) + l1(difference(x, 3));
}

void total_variation_gradient(const torch::Tensor& x, Slope slope, const torch::Tensor& to) {
  to.zero_();
  for (const int64_t dim : {2, 3}) {
    const torch::Tensor pull = slope_of_abs(difference(x, dim), slope);
    to.narrow(dim, 1, pull.size(dim)).add_(pull);
    to.narrow(dim, 0, pull.size(dim)).sub_(pull);
  }
}

}  // namespace by_aten

double L1Norm::value(const torch::Tensor& x) {
  if (!x.is_cpu()) return by_aten::l1(x);
  return by_type<float, double>(x.scalar_type(), [&](auto type) {
    return sum_of_abs(x.data_ptr<decltype(type)>(), x.numel());
  });
}

void L1Norm::gradient(const torch::Tensor& x, Slope slope, const torch::Tensor& to) {
  if (!x.is_cpu()) return by_aten::l1_gradient(x, slope, to);
  by_type<float, double>(x.scalar_type(), [&](auto type) {
    using T = decltype(type);
    slopes(x.data_ptr<T>(), x.numel(), SlopeOf<T>(slope), to.data_ptr<T>());
  });
}

double GroupL1Norm::value(const torch::Tensor& x) {
  return norm_over_channels(x).sum(torch::kDouble).item<double>();
}

void GroupL1Norm::gradient(const torch::Tensor& x, Slope slope, const torch::Tensor& to) {
  const torch::Tensor size = norm_over_channels(x);
  if (slope.knee > 0) {
    to.copy_(x * (slope.factor / size.clamp_min(slope.knee)));
  } else {
    to.copy_(x * (slope.factor / size).masked_fill_(size == 0, 0));
  }
}

double TotalVariation::value(const torch::Tensor& x) {
  if (!x.is_cpu()) return by_aten::total_variation(x);
  double sum = 0.0;
  by_type<float, double>(x.scalar_type(), [&](auto type) {
    for_each_plane(x, [&](int64_t first) {
      sum += variation_of_plane(x.data_ptr<decltype(type)>() + first, x.size(2), x.size(3));
    });
  });
  return sum;
}

void TotalVariation::gradient(const torch::Tensor& x, Slope slope, const torch::Tensor& to) {
  if (!x.is_cpu()) return by_aten::total_variation_gradient(x, slope, to);
  by_type<float, double>(x.scalar_type(), [&](auto type) {
    using T = decltype(type);
    for_each_plane(x, [&](int64_t first) {
      spread_over_plane(x.data_ptr<T>() + first, x.size(2), x.size(3), SlopeOf<T>(slope),
                        to.data_ptr<T>() + first);
    });
  });
}

}  // namespace proxseg
