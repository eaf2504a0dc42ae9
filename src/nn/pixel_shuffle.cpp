#include "nn/pixel_shuffle.h"

#include <torch/autograd.h>

#include "core/ranges.h"

namespace proxseg {
namespace {

constexpr auto kChannelsLast = torch::MemoryFormat::ChannelsLast;

// Row `row` of cells: cells[c r^2 + r i + j] = x[i][j][c], cell by cell.
template <int kSide>
void unshuffle_row(const float* x, int64_t width, int64_t channels, float* cells) {
  constexpr int64_t kCells = kSide * kSide;
  for (int64_t cell = 0; cell < width / kSide; ++cell, cells += channels * kCells) {
    for (int64_t i = 0; i < kSide; ++i) {
      const float* pixel = x + (i * width + cell * kSide) * channels;
      for (int64_t j = 0; j < kSide; ++j, pixel += channels) {
        for (int64_t c = 0; c < channels; ++c) cells[c * kCells + i * kSide + j] = pixel[c];
      }
    }
  }
}

// x: float32 on the CPU, channels last, without autograd.
torch::Tensor unshuffle_on_cpu(const torch::Tensor& x, int64_t r) {
  const int64_t n = x.size(0), c = x.size(1), h = x.size(2) / r, w = x.size(3);
  auto result = torch::empty({n, c * r * r, h, w / r}, x.options(), kChannelsLast);
  const auto* from = x.data_ptr<float>();
  auto* to = result.data_ptr<float>();
  const auto unshuffle = r == 2 ? unshuffle_row<2> : unshuffle_row<4>;
  for_each_range(x.device(), n * h, [&](int64_t, Range rows) {
    for (int64_t row = rows.begin; row < rows.begin + rows.size; ++row) {
      unshuffle(from + row * r * w * c, w, c, to + row * r * w * c);
    }
  });
  return result;
}

}  // namespace

torch::Tensor unshuffle_pixels(const torch::Tensor& x, int64_t r) {
  const bool on_cpu = x.device().is_cpu() && x.scalar_type() == torch::kFloat32;
  if (on_cpu && (r == 2 || r == 4) && !x.requires_grad()) {
    return unshuffle_on_cpu(x.contiguous(kChannelsLast), r);
  }
  return torch::pixel_unshuffle(x, r).contiguous(kChannelsLast);
}

torch::Tensor shuffle_pixels(const torch::Tensor& x, int64_t r) {
  const int64_t n = x.size(0), c = x.size(1) / (r * r), h = x.size(2), w = x.size(3);
  return x.reshape({n, c, r, r, h, w}).permute({0, 1, 4, 2, 5, 3}).reshape({n, c, h * r, w * r});
}

}  // namespace proxseg
