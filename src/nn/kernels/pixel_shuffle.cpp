#include "nn/kernels/pixel_shuffle.h"

#include <torch/autograd.h>

#include <algorithm>
#include <type_traits>

#include "core/ranges.h"
#include "core/vectorized.h"
#include "nn/kernels/loops.h"
#include "proxseg/nn/unet.h"

namespace proxseg {
namespace {

using torch::Tensor;
using torch::autograd::AutogradContext;
using torch::autograd::variable_list;

// Of an image, in values.
struct Strides {
  int64_t channel, row, column;
};

enum class Way { kToCells, kToImage };

// A row of cells, cell by cell: cells[c r^2 + r i + j] = image[c][i][j], or the way back.
template <Way kWay, int kSide, typename Pixel, typename Value>
PROXSEG_VECTORIZED void move_row(Pixel* __restrict image, Strides strides, int64_t width,
                                 int64_t channels, Value* __restrict cells) {
  for (int64_t cell = 0; cell < width; ++cell) {
    for (int64_t c = 0; c < channels; ++c, cells += kSide * kSide) {
      Pixel* corner = image + c * strides.channel + cell * kSide * strides.column;
      for (int i = 0; i < kSide; ++i) {
        for (int j = 0; j < kSide; ++j) {
          Pixel& pixel = corner[i * strides.row + j * strides.column];
          Value& value = cells[i * kSide + j];
          if constexpr (kWay == Way::kToCells) {
            value = static_cast<Value>(static_cast<float>(pixel));
          } else {
            pixel = static_cast<Pixel>(static_cast<float>(value));
          }
        }
      }
    }
  }
}

// A row of `width` cells, a row of pixels in each: `values` that lie side by side in the image and
// in the cell. kValues: as many, or 0 for any number.
template <int64_t kValues, typename Pixel, typename Value>
PROXSEG_VECTORIZED void stack_row(const Pixel* __restrict image, int64_t width, int64_t values,
                                  int64_t cell, Value* __restrict cells) {
  const int64_t count = kValues > 0 ? kValues : values;
  for (int64_t x = 0; x < width; ++x, image += count, cells += cell) {
    if constexpr (std::is_same_v<Pixel, Value>) {
      std::copy_n(image, count, cells);
    } else {
      for (int64_t k = 0; k < count; ++k) cells[k] = static_cast<Value>(image[k]);
    }
  }
}

// Calls move(image, i, row) for each row of cells: the image it is of, its number there and its
// first value. images: [N, C, H, W], any strides. cells: [N, C r^2, h, w], channels last.
template <typename Move>
void for_each_row_of_cells(const Tensor& images, const Tensor& cells, const Move& move) {
  const int64_t h = cells.size(2), size = cells.size(3) * cells.size(1);
  by_type(images.scalar_type(), [&](auto pixel) {
    by_type(cells.scalar_type(), [&](auto value) {
      for_each_range(images.device(), images.size(0) * h, [&](int64_t, Range rows) {
        for (int64_t k = rows.begin; k < rows.begin + rows.size; ++k) {
          move(images.data_ptr<decltype(pixel)>() + k / h * images.stride(0), k % h,
               cells.data_ptr<decltype(value)>() + k * size);
        }
      });
    });
  });
}

template <Way kWay>
void move_pixels(const Tensor& images, const Tensor& cells, int64_t r) {
  const Strides strides = {images.stride(1), images.stride(2), images.stride(3)};
  const int64_t channels = images.size(1), width = cells.size(3);
  for_each_row_of_cells(
      images, cells, [&]<typename Pixel, typename Value>(Pixel* image, int64_t i, Value* row) {
        const auto move =
            r == 2 ? move_row<kWay, 2, Pixel, Value> : move_row<kWay, 4, Pixel, Value>;
        move(image + i * r * strides.row, strides, width, channels, row);
      });
}

// Room for the cells of pad_to_stride(x, stride).
Tensor cells_of(const Tensor& x, int64_t r, int64_t stride, torch::ScalarType type) {
  const int64_t h = padded_size(x.size(2), stride), w = padded_size(x.size(3), stride);
  return torch::empty({x.size(0), x.size(1) * r * r, h / r, w / r}, x.options().dtype(type),
                      kChannelsLast);
}

Tensor unshuffle_on_cpu(const Tensor& x, int64_t r, torch::ScalarType type) {
  Tensor cells = cells_of(x, r, r, type);
  move_pixels<Way::kToCells>(x, cells, r);
  return cells;
}

Tensor shuffle_on_cpu(const Tensor& x, int64_t r, torch::ScalarType type) {
  Tensor image = torch::empty({x.size(0), x.size(1) / (r * r), x.size(2) * r, x.size(3) * r},
                              x.options().dtype(type));
  move_pixels<Way::kToImage>(image, x.contiguous(kChannelsLast), r);
  return image;
}

// x: channels last.
Tensor stack_on_cpu(const Tensor& x, int64_t r, int64_t stride, torch::ScalarType type) {
  const int64_t channels = x.size(1), h = x.size(2), w = x.size(3), values = r * channels;
  Tensor cells = cells_of(x, r, stride, type);
  const int64_t width = cells.size(3);
  for_each_row_of_cells(
      x, cells, [&]<typename Pixel, typename Value>(const Pixel* image, int64_t i, Value* row) {
        const auto stack = values == 12   ? stack_row<12, Pixel, Value>
                           : values == 24 ? stack_row<24, Pixel, Value>
                                          : stack_row<0, Pixel, Value>;
        for (int64_t k = 0; k < r; ++k, row += values) {
          const Pixel* from = image + std::min(i * r + k, h - 1) * w * channels;
          stack(from, w / r, values, r * values, row);
          for (int64_t j = w / r * r; j < width * r; ++j) {
            const Pixel* pixel = from + std::min(j, w - 1) * channels;
            std::copy_n(pixel, channels, row + j / r * r * values + j % r * channels);
          }
        }
      });
  return cells;
}

// A reordering of pixels; its gradient goes the way back, to the dtype of x.
template <auto kThere, auto kBack>
struct Reordering : torch::autograd::Function<Reordering<kThere, kBack>> {
  static Tensor forward(AutogradContext* context, const Tensor& x, int64_t r,
                        torch::ScalarType type) {
    context->saved_data["r"] = r;
    context->saved_data["type"] = x.scalar_type();
    return kThere(x, r, type);
  }
  static variable_list backward(AutogradContext* context, const variable_list& gradients) {
    auto& saved = context->saved_data;
    return {kBack(gradients[0], saved["r"].toInt(), saved["type"].toScalarType()), Tensor(),
            Tensor()};
  }
};

bool can_move(const Tensor& x, int64_t r, torch::ScalarType type) {
  return has_loops(x) && has_loops(type) && (r == 2 || r == 4);
}

}  // namespace

Tensor unshuffle_pixels(const Tensor& x, int64_t r, torch::ScalarType type) {
  if (can_move(x, r, type)) {
    return Reordering<unshuffle_on_cpu, shuffle_on_cpu>::apply(x, r, type);
  }
  return torch::pixel_unshuffle(x, r).to(type).contiguous(kChannelsLast);
}

Tensor stack_pixels(const Tensor& x, int64_t r, int64_t stride, torch::ScalarType type) {
  if (can_move(x, r, type)) return stack_on_cpu(x.contiguous(kChannelsLast), r, stride, type);
  const Tensor order = stacking_order(x.size(1), r).to(x.device());
  return unshuffle_pixels(pad_to_stride(x, stride), r, type)
      .index_select(1, order)
      .contiguous(kChannelsLast);
}

Tensor stacking_order(int64_t channels, int64_t r) {
  return torch::arange(channels * r * r).view({channels, r * r}).t().flatten();
}

Tensor shuffle_pixels(const Tensor& x, int64_t r, torch::ScalarType type) {
  if (can_move(x, r, type)) {
    return Reordering<shuffle_on_cpu, unshuffle_on_cpu>::apply(x, r, type);
  }
  return torch::pixel_shuffle(x, r).to(type);
}

}  // namespace proxseg
