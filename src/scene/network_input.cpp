#include "proxseg/scene/network_input.h"

#include <algorithm>

#include "proxseg/core/error.h"
#include "proxseg/scene/decomposition.h"

namespace proxseg {
namespace {

constexpr float kLevel = 1.0F / 255.0F;

// The signed form's: d / 255. size: width times channels.
template <typename Value>
void write_signed_row(const uchar* d, int size, Value* input) {
  for (int i = 0; i < size; ++i) input[i] = static_cast<Value>(static_cast<float>(d[i]) * kLevel);
}

// The masked form's. kChannels known at compile time: the loops over them unroll.
template <int kChannels, typename Value>
void write_masked_row(const uchar* d, const float* b, const float* unit, int width, float gain,
                      Value* input) {
  constexpr float kMost = static_cast<float>(kMostDifference);
  for (int x = 0; x < width; ++x, d += kChannels, b += kChannels, input += 2 * kChannels) {
    for (int c = 0; c < kChannels; ++c) {
      const float value = static_cast<float>(d[c]) * kLevel;
      const float difference = (value - std::min(gain * b[c], 1.0F)) * unit[x];
      input[c] = static_cast<Value>(value);
      input[kChannels + c] = static_cast<Value>(std::clamp(difference, -kMost, kMost));
    }
  }
}

}  // namespace

NetworkInput::NetworkInput(Form form, const SceneModel& scene)
    : form_(form),
      channels_((form == Form::kMasked ? 2 : 1) * scene.background.channels()),
      unit_(scene.background.size(), CV_32FC1, cv::Scalar(1.0)) {
  scene.background.convertTo(background_, CV_32F, 1.0 / 255.0);
  if (!scene.scale.empty()) cv::divide(1.0, scene.scale, unit_);
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
