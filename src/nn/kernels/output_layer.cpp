#include "nn/kernels/kernels.h"

#include <ATen/OpMathType.h>

#include <cmath>
#include <cstring>

#include "core/ranges.h"
#include "nn/kernels/loops.h"

namespace proxseg {
namespace {

using torch::Tensor;

// Channels side by side in a vector, and values of a cell that are summed at once.
constexpr int kLanes = 8, kSums = 4;

using Lanes [[gnu::vector_size(kLanes * sizeof(float))]] = float;

struct Sums {
  Lanes of[kSums] = {};
};

// The weights [values, channels] and the bias [values] of a cell, and its channels.
struct Weights {
  const float *matrix, *bias;
  int64_t features, cells;
};

template <typename Value>
[[gnu::always_inline]] inline void load(const Value* from, Lanes& to) {
  for (int l = 0; l < kLanes; ++l) to[l] = static_cast<float>(from[l]);
}

template <typename Value>
[[gnu::always_inline]] inline void load_magnitudes(const Value* from, Lanes& to) {
  for (int l = 0; l < kLanes; ++l) to[l] = std::fabs(static_cast<float>(from[l]));
}

// sums.of[i] += values . row i of the matrix, lane by lane
[[gnu::always_inline]] inline void add_products(const Lanes& values, const float* matrix,
                                                int64_t channels, Sums& sums) {
  for (int i = 0; i < kSums; ++i) {
    Lanes weights;
    std::memcpy(&weights, matrix + i * channels, sizeof(weights));
    sums.of[i] += values * weights;
  }
}

// sums = (a[0] + a[1], b[0] + b[1], a[2] + a[3], b[2] + b[3], ...)
[[gnu::always_inline]] inline void add_neighbours(const Lanes& a, const Lanes& b, Lanes& sums) {
  sums = __builtin_shufflevector(a, b, 0, 8, 2, 10, 4, 12, 6, 14) +
         __builtin_shufflevector(a, b, 1, 9, 3, 11, 5, 13, 7, 15);
}

// totals[i]: the sum of the lanes of sums.of[i].
[[gnu::always_inline]] inline void add_lanes(const Sums& sums, float* totals) {
  Lanes first, second;
  add_neighbours(sums.of[0], sums.of[1], first);
  add_neighbours(sums.of[2], sums.of[3], second);
  const Lanes fours = __builtin_shufflevector(first, second, 0, 1, 8, 9, 4, 5, 12, 13) +
                      __builtin_shufflevector(first, second, 2, 3, 10, 11, 6, 7, 14, 15);
  for (int i = 0; i < kSums; ++i) totals[i] = fours[i] + fours[i + kSums];
}

// A row of cells of side x side pixels. image: the corner of its pixels, `row` of them from one row
// to the next. Four values are two rows of two pixels (side 2) or one of four (side 4).
template <typename Value>
PROXSEG_VECTORIZED void project_row(const Value* features, const Value* cells,
                                    const Weights& weights, int64_t width, int64_t side,
                                    int64_t row, float* image) {
  const int64_t channels = weights.features + weights.cells, step = side == 2 ? row : 2;
  for (int64_t x = 0; x < width; ++x, image += side) {
    for (int64_t first = 0; first < side * side; first += kSums) {
      const float* matrix = weights.matrix + first * channels;
      Lanes values;
      Sums sums;
      for (int64_t k = 0; k < weights.features; k += kLanes) {
        load(features + k, values);
        add_products(values, matrix + k, channels, sums);
      }
      for (int64_t k = 0; k < weights.cells; k += kLanes) {
        load_magnitudes(cells + k, values);
        add_products(values, matrix + weights.features + k, channels, sums);
      }
      float totals[kSums];
      add_lanes(sums, totals);
      float* corner = image + first / kSums * row;
      for (int i = 0; i < kSums; ++i) {
        corner[i / 2 * step + i % 2] = totals[i] + weights.bias[first + i];
      }
    }
    features += weights.features;
    cells += weights.cells;
  }
}

template <typename Value>
void project(const Tensor& features, const Tensor& cells, const Weights& weights, int64_t side,
             Tensor& image) {
  const int64_t h = features.size(2), w = features.size(3), row = side * w;
  for_each_range(features.device(), features.size(0) * h, [&](int64_t, Range rows) {
    for (int64_t k = rows.begin; k < rows.begin + rows.size; ++k) {
      const Value* detail =
          weights.cells > 0 ? cells.data_ptr<Value>() + k * w * weights.cells : nullptr;
      project_row(features.data_ptr<Value>() + k * w * weights.features, detail, weights, w, side,
                  row, image.data_ptr<float>() + k * side * row);
    }
  });
}

// Both channels last.
Tensor output_on_cpu(const Convolution& convolution, const Tensor& features, const Tensor& cells,
                     int64_t r) {
  const int64_t values = r * r;
  const Tensor matrix = convolution.weight.to(torch::kFloat32).reshape({values, -1});
  const Tensor bias =
      convolution.bias.defined() ? convolution.bias.to(torch::kFloat32) : torch::zeros({values});
  const Weights weights = {matrix.data_ptr<float>(), bias.data_ptr<float>(), features.size(1),
                           matrix.size(1) - features.size(1)};
  Tensor image = torch::empty({features.size(0), 1, r * features.size(2), r * features.size(3)},
                              features.options().dtype(torch::kFloat32));
  by_type<float, c10::BFloat16>(features.scalar_type(), [&](auto value) {
    project<decltype(value)>(features, cells, weights, r, image);
  });
  return image;
}

bool fills_lanes(const Tensor& x) {
  return x.size(1) % kLanes == 0 && x.is_contiguous(kChannelsLast);
}

bool has_pass(const Convolution& convolution, const Tensor& features, const Tensor& cells,
              int64_t r) {
  return !torch::GradMode::is_enabled() && (r == 2 || r == 4) &&
         convolution.weight.size(0) == r * r && has_loops(features) && fills_lanes(features) &&
         (!cells.defined() ||
          (fills_lanes(cells) && cells.scalar_type() == features.scalar_type()));
}

}  // namespace

Tensor output_layer(const Convolution& convolution, const Tensor& features, const Tensor& cells,
                    int64_t r) {
  if (has_pass(convolution, features, cells, r)) {
    return output_on_cpu(convolution, features, cells, r);
  }
  const Tensor seen = cells.defined() ? torch::cat({features, cells.abs()}, 1) : features;
  const Tensor values = torch::conv2d(seen, convolution.weight, convolution.bias);
  return (r > 1 ? shuffle_pixels(values, r) : values).to(at::toOpMathType(values.scalar_type()));
}

}  // namespace proxseg
