#include "nn/pixel_shuffle.h"

#include <torch/autograd.h>

#include "core/ranges.h"
#include "core/vectorized.h"
#include "nn/loops.h"

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

// image: [N, C, H, W], any strides. cells: [N, C r^2, H/r, W/r], channels last.
template <Way kWay>
void move_pixels(const Tensor& image, const Tensor& cells, int64_t r) {
  const int64_t channels = image.size(1), h = cells.size(2), w = cells.size(3);
  const Strides strides = {image.stride(1), image.stride(2), image.stride(3)};
  by_type(image.scalar_type(), [&](auto pixel) {
    by_type(cells.scalar_type(), [&](auto value) {
      using Pixel = decltype(pixel);
      using Value = decltype(value);
      const auto move = r == 2 ? move_row<kWay, 2, Pixel, Value> : move_row<kWay, 4, Pixel, Value>;
      for_each_range(image.device(), image.size(0) * h, [&](int64_t, Range rows) {
        for (int64_t k = rows.begin; k < rows.begin + rows.size; ++k) {
          const int64_t corner = k / h * image.stride(0) + k % h * r * image.stride(2);
          move(image.data_ptr<Pixel>() + corner, strides, w, channels,
               cells.data_ptr<Value>() + k * cells.size(1) * w);
        }
      });
    });
  });
}

Tensor unshuffle_on_cpu(const Tensor& x, int64_t r, torch::ScalarType type) {
  Tensor cells = torch::empty({x.size(0), x.size(1) * r * r, x.size(2) / r, x.size(3) / r},
                              x.options().dtype(type), kChannelsLast);
  move_pixels<Way::kToCells>(x, cells, r);
  return cells;
}

Tensor shuffle_on_cpu(const Tensor& x, int64_t r, torch::ScalarType type) {
  Tensor image = torch::empty({x.size(0), x.size(1) / (r * r), x.size(2) * r, x.size(3) * r},
                              x.options().dtype(type));
  move_pixels<Way::kToImage>(image, x.contiguous(kChannelsLast), r);
  return image;
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

Tensor shuffle_pixels(const Tensor& x, int64_t r, torch::ScalarType type) {
  if (can_move(x, r, type)) {
    return Reordering<shuffle_on_cpu, unshuffle_on_cpu>::apply(x, r, type);
  }
  return torch::pixel_shuffle(x, r).to(type);
}

}  // namespace proxseg
