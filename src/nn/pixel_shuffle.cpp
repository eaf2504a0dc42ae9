#include "nn/pixel_shuffle.h"

#include <torch/autograd.h>

#include "core/ranges.h"
#include "core/vectorized.h"

namespace proxseg {
namespace {

using torch::Tensor;
using torch::autograd::AutogradContext;
using torch::autograd::variable_list;

constexpr auto kChannelsLast = torch::MemoryFormat::ChannelsLast;

// Of an image, in values.
struct Strides {
  int64_t channel, row, column;
};

// A row of cells: cells[c r^2 + r i + j] = x[c][i][j], cell by cell.
template <int kSide, typename From, typename To>
PROXSEG_VECTORIZED void unshuffle_row(const From* __restrict x, Strides strides, int64_t cells,
                                      int64_t channels, To* __restrict to) {
  for (int64_t cell = 0; cell < cells; ++cell) {
    for (int64_t c = 0; c < channels; ++c, to += kSide * kSide) {
      const From* corner = x + c * strides.channel + cell * kSide * strides.column;
      for (int i = 0; i < kSide; ++i) {
        for (int j = 0; j < kSide; ++j) {
          const auto value = static_cast<float>(corner[i * strides.row + j * strides.column]);
          to[i * kSide + j] = static_cast<To>(value);
        }
      }
    }
  }
}

// The way back: y[c][i][j] = cells[c r^2 + r i + j].
template <int kSide, typename From, typename To>
PROXSEG_VECTORIZED void shuffle_row(const From* __restrict from, Strides strides, int64_t cells,
                                    int64_t channels, To* __restrict y) {
  for (int64_t cell = 0; cell < cells; ++cell) {
    for (int64_t c = 0; c < channels; ++c, from += kSide * kSide) {
      To* corner = y + c * strides.channel + cell * kSide * strides.column;
      for (int i = 0; i < kSide; ++i) {
        for (int j = 0; j < kSide; ++j) {
          const auto value = static_cast<float>(from[i * kSide + j]);
          corner[i * strides.row + j * strides.column] = static_cast<To>(value);
        }
      }
    }
  }
}

bool has_loops(torch::ScalarType type) {
  return type == torch::kFloat32 || type == torch::kBFloat16;
}

bool has_loops(const Tensor& x, int64_t r, torch::ScalarType type) {
  return x.is_cpu() && (r == 2 || r == 4) && has_loops(x.scalar_type()) && has_loops(type);
}

template <typename Body>
void by_type(torch::ScalarType type, const Body& body) {
  if (type == torch::kFloat32) body(float());
  if (type == torch::kBFloat16) body(c10::BFloat16());
}

// Calls body(first value of the image's row r k, first value of the cells' row k) for each row k of
// cells, in parallel.
template <typename Image, typename Cells, typename Body>
void for_each_row(const Tensor& image, Image* pixels, const Tensor& cells, Cells* values, int64_t r,
                  const Body& body) {
  const int64_t h = cells.size(2), row = cells.size(1) * cells.size(3);
  for_each_range(image.device(), cells.size(0) * h, [&](int64_t, Range rows) {
    for (int64_t k = rows.begin; k < rows.begin + rows.size; ++k) {
      body(pixels + k / h * image.stride(0) + k % h * r * image.stride(2), values + k * row);
    }
  });
}

Tensor unshuffle_on_cpu(const Tensor& x, int64_t r, torch::ScalarType type) {
  const int64_t channels = x.size(1), width = x.size(3) / r;
  Tensor cells = torch::empty({x.size(0), channels * r * r, x.size(2) / r, width},
                              x.options().dtype(type), kChannelsLast);
  const Strides strides = {x.stride(1), x.stride(2), x.stride(3)};
  by_type(x.scalar_type(), [&](auto from_type) {
    by_type(type, [&](auto to_type) {
      using From = decltype(from_type);
      using To = decltype(to_type);
      const auto unshuffle = r == 2 ? unshuffle_row<2, From, To> : unshuffle_row<4, From, To>;
      for_each_row(
          x, x.data_ptr<From>(), cells, cells.data_ptr<To>(), r,
          [&](const From* from, To* to) { unshuffle(from, strides, width, channels, to); });
    });
  });
  return cells;
}

Tensor shuffle_on_cpu(const Tensor& x, int64_t r, torch::ScalarType type) {
  const Tensor cells = x.contiguous(kChannelsLast);
  const int64_t channels = x.size(1) / (r * r), width = x.size(3);
  Tensor y = torch::empty({x.size(0), channels, x.size(2) * r, width * r}, x.options().dtype(type));
  const Strides strides = {y.stride(1), y.stride(2), y.stride(3)};
  by_type(x.scalar_type(), [&](auto from_type) {
    by_type(type, [&](auto to_type) {
      using From = decltype(from_type);
      using To = decltype(to_type);
      const auto shuffle = r == 2 ? shuffle_row<2, From, To> : shuffle_row<4, From, To>;
      for_each_row(y, y.data_ptr<To>(), cells, cells.data_ptr<From>(), r,
                   [&](To* to, const From* from) { shuffle(from, strides, width, channels, to); });
    });
  });
  return y;
}

struct Unshuffle : torch::autograd::Function<Unshuffle> {
  static Tensor forward(AutogradContext* context, const Tensor& x, int64_t r,
                        torch::ScalarType type) {
    context->saved_data["r"] = r;
    context->saved_data["type"] = x.scalar_type();
    return unshuffle_on_cpu(x, r, type);
  }
  static variable_list backward(AutogradContext* context, const variable_list& gradients) {
    auto& saved = context->saved_data;
    return {shuffle_on_cpu(gradients[0], saved["r"].toInt(), saved["type"].toScalarType()),
            Tensor(), Tensor()};
  }
};

struct Shuffle : torch::autograd::Function<Shuffle> {
  static Tensor forward(AutogradContext* context, const Tensor& x, int64_t r,
                        torch::ScalarType type) {
    context->saved_data["r"] = r;
    context->saved_data["type"] = x.scalar_type();
    return shuffle_on_cpu(x, r, type);
  }
  static variable_list backward(AutogradContext* context, const variable_list& gradients) {
    auto& saved = context->saved_data;
    return {unshuffle_on_cpu(gradients[0], saved["r"].toInt(), saved["type"].toScalarType()),
            Tensor(), Tensor()};
  }
};

}  // namespace

Tensor unshuffle_pixels(const Tensor& x, int64_t r, torch::ScalarType type) {
  if (has_loops(x, r, type)) return Unshuffle::apply(x, r, type);
  return torch::pixel_unshuffle(x, r).to(type).contiguous(kChannelsLast);
}

Tensor shuffle_pixels(const Tensor& x, int64_t r, torch::ScalarType type) {
  if (has_loops(x, r, type)) return Shuffle::apply(x, r, type);
  return torch::pixel_shuffle(x, r).to(type);
}

}  // namespace proxseg
