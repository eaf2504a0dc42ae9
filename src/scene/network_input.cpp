#include "proxseg/scene/network_input.h"

#include <algorithm>

#include "proxseg/core/error.h"
#include "proxseg/scene/decomposition.h"

namespace proxseg {
namespace {

// kChannels known at compile time: the loops over them unroll.
template <int kChannels>
void write_row(const uchar* d, const float* b, const float* unit, int width, float gain,
               float* input) {
  constexpr float kLevel = 1.0F / 255.0F, kMost = static_cast<float>(kMostDifference);
  for (int x = 0; x < width; ++x, d += kChannels, b += kChannels, input += 2 * kChannels) {
    for (int c = 0; c < kChannels; ++c) {
      const float value = static_cast<float>(d[c]) * kLevel;
      const float difference = (value - std::min(gain * b[c], 1.0F)) * unit[x];
      input[c] = value;
      input[kChannels + c] = std::clamp(difference, -kMost, kMost);
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

void NetworkInput::write(const cv::Mat& image, double gain, float* input) const {
  if (image.size() != background_.size() || image.type() != CV_8UC(background_.channels())) {
    throw UsageError(
        "NetworkInput: the image must be 8-bit, of the background's size and channels");
  }
  const auto row = background_.channels() == 1 ? write_row<1> : write_row<3>;
  for (int y = 0; y < image.rows; ++y) {
    float* out = input + static_cast<ptrdiff_t>(y) * image.cols * channels_;
    if (form_ == Form::kSigned) {
      const cv::Mat values(1, image.cols, CV_32FC(image.channels()), out);
      image.row(y).convertTo(values, CV_32F, 1.0 / 255.0);
    } else {
      row(image.ptr(y), background_.ptr<float>(y), unit_.ptr<float>(y), image.cols,
          static_cast<float>(gain), out);
    }
  }
}

}  // namespace proxseg
