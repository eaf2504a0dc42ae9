#include "proxseg/scene/network_input.h"

#include <algorithm>
#include <vector>

#include "core/ranges.h"
#include "core/vectorized.h"
#include "proxseg/core/check.h"
#include "proxseg/core/error.h"
#include "proxseg/scene/tensors.h"

namespace proxseg {
namespace {

constexpr float kLevel = 1.0F / 255.0F;

// The signed form's: d / 255. size: width times channels.
template <typename Value>
void write_signed_row(const uchar* d, int size, Value* input) {
  for (int i = 0; i < size; ++i) input[i] = static_cast<Value>(static_cast<float>(d[i]) * kLevel);
}

// The masked form's. kChannels known at compile time: copies of a pixel are moves. First what a
// block of pixels gives, side by side as the images are, for the processor's vectors.
template <int kChannels, typename Value>
PROXSEG_VECTORIZED void write_masked_row(const uchar* d, const float* b, const float* unit,
                                         int width, float gain, Value* input) {
  constexpr float kMost = static_cast<float>(kMostDifference);
  constexpr int kPixels = 64;
  for (int x = 0; x < width; x += kPixels) {
    const int pixels = std::min(kPixels, width - x), size = pixels * kChannels;
    Value values[kPixels * kChannels], differences[kPixels * kChannels];
    for (int i = 0; i < size; ++i) {
      const float value = static_cast<float>(d[i]) * kLevel;
      const float difference = (value - std::min(gain * b[i], 1.0F)) * unit[i];
      values[i] = static_cast<Value>(value);
      differences[i] = static_cast<Value>(std::min(std::max(difference, -kMost), kMost));
    }
    for (int i = 0; i < size; i += kChannels, input += 2 * kChannels) {
      std::copy_n(values + i, kChannels, input);
      std::copy_n(differences + i, kChannels, input + kChannels);
    }
    d += size;
    b += size;
    unit += size;
  }
}

// A row of one channel, for write_planes().
template <typename Value>
PROXSEG_VECTORIZED void write_row_of_planes(const uint8_t* d, const float* b, const float* scale,
                                            int64_t width, float gain, Value* __restrict values,
                                            Value* __restrict differences) {
  constexpr float kMost = static_cast<float>(kMostDifference);
  for (int64_t x = 0; x < width; ++x) {
    const float value = static_cast<float>(d[x]) * kLevel;
    const float difference = (value - std::min(gain * b[x], 1.0F)) / scale[x];
    values[x] = static_cast<Value>(value);
    differences[x] = static_cast<Value>(std::min(std::max(difference, -kMost), kMost));
  }
}

// The masked form's. All contiguous; scale: [H, W].
template <typename Value>
void write_planes(const torch::Tensor& bytes, const torch::Tensor& background,
                  const torch::Tensor& scale, const torch::Tensor& gains, torch::Tensor& input) {
  const int64_t c = bytes.size(1), h = bytes.size(2), w = bytes.size(3), plane = h * w;
  for_each_range(bytes.device(), bytes.size(0) * c * h, [&](int64_t, Range rows) {
    for (int64_t k = rows.begin; k < rows.begin + rows.size; ++k) {
      const int64_t n = k / (c * h), in_frame = k % (c * h) * w, in_plane = k % h * w;
      Value* values = input.data_ptr<Value>() + 2 * n * c * plane + in_frame;
      write_row_of_planes(bytes.data_ptr<uint8_t>() + k * w,
                          background.data_ptr<float>() + in_frame,
                          scale.data_ptr<float>() + in_plane, w, gains.data_ptr<float>()[n], values,
                          values + c * plane);
    }
  });
}

}  // namespace

torch::Tensor network_input_of_bytes(Form form, const torch::Tensor& bytes,
                                     const SceneTensors& scene, const torch::Tensor& gains,
                                     torch::ScalarType type) {
  if (form == Form::kSigned || !bytes.is_cpu()) {
    return network_input(form, to_unit_range(bytes), lit(scene, gains)).to(type);
  }
  expect_tensor(scene.background, {1, bytes.size(1), bytes.size(2), bytes.size(3)}, "background");
  const torch::Tensor scale =
      scene.scale.defined() ? scene.scale : torch::ones({bytes.size(2), bytes.size(3)});
  torch::Tensor input =
      torch::empty({bytes.size(0), 2 * bytes.size(1), bytes.size(2), bytes.size(3)}, type);
  const auto write = type == torch::kBFloat16 ? write_planes<c10::BFloat16> : write_planes<float>;
  write(bytes.contiguous(), scene.background.contiguous(), scale.contiguous(), gains.contiguous(),
        input);
  return input;
}

NetworkInput::NetworkInput(Form form, const SceneModel& scene)
    : form_(form), channels_((form == Form::kMasked ? 2 : 1) * scene.background.channels()) {
  scene.background.convertTo(background_, CV_32F, 1.0 / 255.0);
  cv::Mat unit(background_.size(), CV_32FC1, cv::Scalar(1.0));
  if (!scene.scale.empty()) cv::divide(1.0, scene.scale, unit);
  cv::merge(std::vector<cv::Mat>(static_cast<size_t>(background_.channels()), unit), unit_);
}

void NetworkInput::write(const cv::Mat& image, double gain, const torch::Tensor& input) const {
  if (image.size() != background_.size() || image.type() != CV_8UC(background_.channels())) {
    throw UsageError(
        "NetworkInput: the image must be 8-bit, of the background's size and channels");
  }
  if (input.scalar_type() == torch::kBFloat16) {
    write_rows(image, static_cast<float>(gain), input.data_ptr<c10::BFloat16>());
  } else {
    write_rows(image, static_cast<float>(gain), input.data_ptr<float>());
  }
}

template <typename Value>
void NetworkInput::write_rows(const cv::Mat& image, float gain, Value* input) const {
  const auto masked =
      background_.channels() == 1 ? write_masked_row<1, Value> : write_masked_row<3, Value>;
  const int row = image.cols * channels_;
  for (int y = 0; y < image.rows; ++y, input += row) {
    if (form_ == Form::kSigned) {
      write_signed_row(image.ptr(y), row, input);
    } else {
      masked(image.ptr(y), background_.ptr<float>(y), unit_.ptr<float>(y), image.cols, gain, input);
    }
  }
}

}  // namespace proxseg
