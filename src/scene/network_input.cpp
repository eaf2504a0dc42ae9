#include "proxseg/scene/network_input.h"

#include <algorithm>
#include <opencv2/imgproc.hpp>

#include "core/ranges.h"
#include "core/vectorized.h"
#include "proxseg/core/check.h"
#include "proxseg/scene/tensors.h"
#include "scene/images.h"

namespace proxseg {
namespace {

using torch::Tensor;

// Pixels of a frame, the scene there and the frame's gain; unit: 1 / scale.
struct Row {
  const uint8_t* bytes;
  const float *background, *unit;
  float gain;
};

// values = d / 255,  differences = clamp((d / 255 - min(gain b, 1)) unit, -4, 4);  one unit a value
template <typename Value>
PROXSEG_VECTORIZED void write_values(const Row& row, int64_t size, Value* __restrict values,
                                     Value* __restrict differences) {
  constexpr float kLevel = 1.0F / 255.0F, kMost = static_cast<float>(kMostDifference);
  const uint8_t* d = row.bytes;
  const float *b = row.background, *unit = row.unit, gain = row.gain;
  for (int64_t i = 0; i < size; ++i) {
    const float value = static_cast<float>(d[i]) * kLevel;
    const float difference = (value - std::min(gain * b[i], 1.0F)) * unit[i];
    values[i] = static_cast<Value>(value);
    differences[i] = static_cast<Value>(std::min(std::max(difference, -kMost), kMost));
  }
}

// Pixels whose channels lie side by side, a block of them at a time: kChannels values, then as many
// differences; one unit a pixel. kChannels known at compile time: copies of a pixel are moves.
template <int64_t kChannels, typename Value>
void write_pixels(const Row& row, int64_t pixels, Value* input) {
  constexpr int64_t kBlock = 64;
  Value values[kBlock * kChannels], differences[kBlock * kChannels];
  float units[kBlock * kChannels];
  for (int64_t first = 0; first < pixels; first += kBlock) {
    const int64_t count = std::min(kBlock, pixels - first), at = first * kChannels;
    for (int64_t i = 0; i < count; ++i) {
      std::fill_n(units + i * kChannels, kChannels, row.unit[first + i]);
    }
    write_values({row.bytes + at, row.background + at, units, row.gain}, count * kChannels, values,
                 differences);
    for (int64_t i = 0; i < count * kChannels; i += kChannels, input += 2 * kChannels) {
      std::copy_n(values + i, kChannels, input);
      std::copy_n(differences + i, kChannels, input + kChannels);
    }
  }
}

// All but unit in one memory format. background: [1, C, H, W], unit: [1, 1, H, W].
template <typename Value>
void write_input(const Tensor& bytes, const Tensor& background, const Tensor& unit,
                 const Tensor& gains, Tensor& input) {
  const int64_t c = bytes.size(1), h = bytes.size(2), w = bytes.size(3), frame = background.numel();
  const bool in_planes = input.is_contiguous();
  const auto write_pixel_row = c == 1 ? write_pixels<1, Value> : write_pixels<3, Value>;
  const int64_t rows = in_planes ? c * h : h, size = frame / rows;
  for_each_range(bytes.device(), bytes.size(0) * rows, [&](int64_t, Range range) {
    for (int64_t k = range.begin; k < range.begin + range.size; ++k) {
      const int64_t n = k / rows, first = k % rows * size;
      const Row row = {bytes.data_ptr<uint8_t>() + k * size, background.data_ptr<float>() + first,
                       unit.data_ptr<float>() + k % h * w, gains.data_ptr<float>()[n]};
      if (in_planes) {
        Value* values = input.data_ptr<Value>() + 2 * n * frame + first;
        write_values(row, size, values, values + frame);
      } else {
        write_pixel_row(row, w, input.data_ptr<Value>() + 2 * k * size);
      }
    }
  });
}

}  // namespace

Tensor network_input(Form form, const Tensor& frames, const SceneTensors& scene) {
  expect_tensor(frames, {"N", "C", "H", "W"}, "frames");
  if (form == Form::kSigned) return frames;
  expect_background(scene, frames);
  auto difference = frames - scene.background;
  if (scene.scale.defined()) difference = difference / scene.scale;
  return torch::cat({frames, difference.clamp(-kMostDifference, kMostDifference)}, 1);
}

cv::Rect differing_area(const cv::Mat& image, const cv::Mat& background, const cv::Mat& limit) {
  constexpr double kThree = 3.0 * 255.0 / 9.0;  // of 3 x 3 pixels
  const cv::Mat differs = difference_of(image, background) > limit;
  cv::Mat mean;
  cv::blur(differs, mean, {3, 3}, {-1, -1}, cv::BORDER_REPLICATE);
  return bounding_box(differs & (mean >= kThree));
}

Tensor network_input_of_bytes(Form form, const Tensor& bytes, const SceneTensors& scene,
                              const Tensor& gains, torch::ScalarType type) {
  if (form == Form::kSigned) return to_unit_range(bytes).to(type);
  if (!kLoopsPay || !bytes.is_cpu()) {
    return network_input(form, to_unit_range(bytes), apply_gains(scene, gains)).to(type);
  }
  const int64_t n = bytes.size(0), c = bytes.size(1), h = bytes.size(2), w = bytes.size(3);
  expect_tensor(scene.background, {1, c, h, w}, "background");
  const auto format = bytes.suggest_memory_format();
  const Tensor background = scene.background.contiguous(format);
  const Tensor unit =
      scene.scale.defined() ? scene.scale.reciprocal().contiguous() : torch::ones({1, 1, h, w});
  Tensor input = torch::empty({n, 2 * c, h, w}, type, format);
  const auto write = type == torch::kBFloat16 ? write_input<c10::BFloat16> : write_input<float>;
  write(bytes.contiguous(format), background, unit, gains.contiguous(), input);
  return input;
}

}  // namespace proxseg
