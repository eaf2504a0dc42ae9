#include "nn/kernels/kernels.h"

#include <torch/autograd.h>

#include <algorithm>
#include <cstring>

#include "core/ranges.h"
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

// A row of cells, cell by cell: cells[c r^2 + r i + j] = image[c][i][j], or the way back. Bits: as
// many as a value has.
template <Way kWay, int kSide, typename Bits>
void move_row(Bits* image, Strides strides, int64_t width, int64_t channels, Bits* cells) {
  for (int64_t cell = 0; cell < width; ++cell) {
    for (int64_t c = 0; c < channels; ++c, cells += kSide * kSide) {
      Bits* corner = image + c * strides.channel + cell * kSide * strides.column;
      for (int i = 0; i < kSide; ++i) {
        for (int j = 0; j < kSide; ++j) {
          Bits& pixel = corner[i * strides.row + j * strides.column];
          Bits& value = cells[i * kSide + j];
          kWay == Way::kToCells ? value = pixel : pixel = value;
        }
      }
    }
  }
}

// Copies `count` pieces of kBytes, side by side, to places `step` bytes apart. kBytes = 0: of
// `bytes`, at many times the time.
template <size_t kBytes>
void copy_pieces(const std::byte* from, int64_t count, size_t bytes, size_t step, std::byte* to) {
  const size_t size = kBytes > 0 ? kBytes : bytes;
  for (int64_t i = 0; i < count; ++i, from += size, to += step) std::memcpy(to, from, size);
}

// Calls move(image, i, row) for each row of cells: the image it is of, its number there and its
// first value, each as its bits. images: [N, C, H, W], any strides. cells: [N, C r^2, h, w],
// channels last, of the same dtype.
template <typename Move>
void for_each_row_of_cells(const Tensor& images, const Tensor& cells, const Move& move) {
  const int64_t h = cells.size(2), size = cells.size(3) * cells.size(1);
  const auto run = [&]<typename Bits>() {
    auto* image = static_cast<Bits*>(images.data_ptr());
    auto* row = static_cast<Bits*>(cells.data_ptr());
    for_each_range(images.device(), images.size(0) * h, [&](int64_t, Range rows) {
      for (int64_t k = rows.begin; k < rows.begin + rows.size; ++k) {
        move(image + k / h * images.stride(0), k % h, row + k * size);
      }
    });
  };
  if (images.element_size() == 2) {
    run.template operator()<uint16_t>();
  } else {
    run.template operator()<uint32_t>();
  }
}

template <Way kWay>
void move_pixels(const Tensor& images, const Tensor& cells, int64_t r) {
  const Strides strides = {images.stride(1), images.stride(2), images.stride(3)};
  const int64_t channels = images.size(1), width = cells.size(3);
  for_each_row_of_cells(images, cells, [&]<typename Bits>(Bits* image, int64_t i, Bits* row) {
    const auto move = r == 2 ? move_row<kWay, 2, Bits> : move_row<kWay, 4, Bits>;
    move(image + i * r * strides.row, strides, width, channels, row);
  });
}

// Room for the cells of pad_to_stride(x, stride).
Tensor cells_of(const Tensor& x, int64_t r, int64_t stride) {
  const int64_t h = padded_size(x.size(2), stride), w = padded_size(x.size(3), stride);
  return torch::empty({x.size(0), x.size(1) * r * r, h / r, w / r}, x.options(), kChannelsLast);
}

Tensor unshuffle_on_cpu(const Tensor& x, int64_t r) {
  Tensor cells = cells_of(x, r, r);
  move_pixels<Way::kToCells>(x, cells, r);
  return cells;
}

Tensor shuffle_on_cpu(const Tensor& x, int64_t r) {
  Tensor image =
      torch::empty({x.size(0), x.size(1) / (r * r), x.size(2) * r, x.size(3) * r}, x.options());
  move_pixels<Way::kToImage>(image, x.contiguous(kChannelsLast), r);
  return image;
}

// x: channels last.
Tensor stack_on_cpu(const Tensor& x, int64_t r, int64_t stride) {
  const int64_t channels = x.size(1), h = x.size(2), w = x.size(3), values = r * channels;
  Tensor cells = cells_of(x, r, stride);
  const int64_t width = cells.size(3);
  for_each_row_of_cells(x, cells, [&]<typename Bits>(const Bits* image, int64_t i, Bits* row) {
    const size_t bytes = static_cast<size_t>(values) * sizeof(Bits);
    const auto copy = bytes == 24   ? copy_pieces<24>
                      : bytes == 48 ? copy_pieces<48>
                                    : copy_pieces<0>;
    for (int64_t k = 0; k < r; ++k, row += values) {
      const Bits* from = image + std::min(i * r + k, h - 1) * w * channels;
      copy(reinterpret_cast<const std::byte*>(from), w / r, bytes, static_cast<size_t>(r) * bytes,
           reinterpret_cast<std::byte*>(row));
      for (int64_t j = w / r * r; j < width * r; ++j) {
        const Bits* pixel = from + std::min(j, w - 1) * channels;
        std::copy_n(pixel, channels, row + j / r * r * values + j % r * channels);
      }
    }
  });
  return cells;
}

// A reordering of pixels; its gradient goes the way back.
template <auto kThere, auto kBack>
struct Reordering : torch::autograd::Function<Reordering<kThere, kBack>> {
  static Tensor forward(AutogradContext* context, const Tensor& x, int64_t r) {
    context->saved_data["r"] = r;
    return kThere(x, r);
  }
  static variable_list backward(AutogradContext* context, const variable_list& gradients) {
    return {kBack(gradients[0], context->saved_data["r"].toInt()), Tensor()};
  }
};

bool can_move(const Tensor& x, int64_t r) { return has_loops(x) && (r == 2 || r == 4); }

}  // namespace

Tensor unshuffle_pixels(const Tensor& x, int64_t r) {
  if (can_move(x, r)) return Reordering<unshuffle_on_cpu, shuffle_on_cpu>::apply(x, r);
  return torch::pixel_unshuffle(x, r).contiguous(kChannelsLast);
}

Tensor stack_pixels(const Tensor& x, int64_t r, int64_t stride) {
  if (can_move(x, r)) return stack_on_cpu(x.contiguous(kChannelsLast), r, stride);
  const Tensor order = stacking_order(x.size(1), r).to(x.device());
  return unshuffle_pixels(pad_to_stride(x, stride), r)
      .index_select(1, order)
      .contiguous(kChannelsLast);
}

Tensor stacking_order(int64_t channels, int64_t r) {
  return torch::arange(channels * r * r).view({channels, r * r}).t().flatten();
}

Tensor shuffle_pixels(const Tensor& x, int64_t r) {
  if (can_move(x, r)) return Reordering<shuffle_on_cpu, unshuffle_on_cpu>::apply(x, r);
  return torch::pixel_shuffle(x, r);
}

}  // namespace proxseg
