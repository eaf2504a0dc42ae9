#include "proxseg/scene/exposure.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <optional>
#include <utility>
#include <vector>

#include "proxseg/core/statistics.h"
#include "proxseg/media/transform.h"
#include "proxseg/scene/background.h"

namespace proxseg {
namespace {

// Of gains, on a logarithmic scale.
constexpr float kMostLog = 0.6931472F;  // log 2
constexpr float kBinWidth = 0.01F;
constexpr int kBins = 139;
constexpr int kMiddle = kBins / 2;  // the bin of a gain of 1
constexpr int kGainSpread =
    4;  // bins to which a gain counts on either side, less with the distance
constexpr float kNear = 0.05F;

const std::array<float, 256>& logarithms() {
  static const auto table = [] {
    std::array<float, 256> values{};
    for (size_t i = 1; i < values.size(); ++i) values[i] = std::log(static_cast<float>(i));
    return values;
  }();
  return table;
}

// log(D / B) on a grid of at most about 1,000 places, where the pixels are neither dark nor
// saturated.
std::vector<float> log_ratios(const cv::Mat& frame, const cv::Mat& background) {
  constexpr double kPlaces = 1000.0;
  constexpr uchar kDarkest = 24, kBrightest = 250;
  const auto is_usable = [](uchar value) { return value >= kDarkest && value <= kBrightest; };
  const int step = std::max(1, static_cast<int>(std::sqrt(background.total() / kPlaces)));
  const int channels = background.channels();
  std::vector<float> samples;
  samples.reserve(background.total() * static_cast<size_t>(channels) /
                  static_cast<size_t>(step * step));
  for (int y = std::min(step / 2, background.rows - 1); y < background.rows; y += step) {
    const uchar *d = frame.ptr(y), *b = background.ptr(y);
    for (int i = 0; i < background.cols * channels; i += step * channels) {
      for (int c = i; c < i + channels; ++c) {
        if (!is_usable(d[c]) || !is_usable(b[c])) continue;
        const float sample = logarithms()[d[c]] - logarithms()[b[c]];
        if (std::abs(sample) <= kMostLog) samples.push_back(sample);
      }
    }
  }
  return samples;
}

float mode(const std::vector<float>& samples) {
  std::array<int, kBins> counts{};
  for (const float sample : samples) {
    const float bin = sample / kBinWidth;
    const int at = kMiddle + static_cast<int>(bin + std::copysign(0.5F, bin));
    ++counts[static_cast<size_t>(at)];
  }
  const auto votes = [&](int bin) {
    int sum = 0;
    for (int i = std::max(0, bin - kGainSpread); i <= std::min(kBins - 1, bin + kGainSpread); ++i) {
      sum += counts[static_cast<size_t>(i)] * (kGainSpread + 1 - std::abs(i - bin));
    }
    return sum;
  };
  int best = kMiddle;
  for (int bin = 0; bin < kBins; ++bin) {
    if (votes(bin) > votes(best)) best = bin;
  }
  return static_cast<float>(best - kMiddle) * kBinWidth;
}

std::optional<float> median_near(float centre, std::vector<float> samples, size_t least) {
  std::erase_if(samples, [&](float s) { return std::abs(s - centre) > kNear; });
  if (samples.empty() || samples.size() < least) return std::nullopt;
  return upper_median(std::move(samples));
}

}  // namespace

double exposure_gain(const cv::Mat& frame, const cv::Mat& background) {
  const auto samples = log_ratios(frame, background);
  const auto log_gain = median_near(mode(samples), samples, samples.size() / 5);
  return log_gain ? std::exp(static_cast<double>(*log_gain)) : 1.0;
}

void level_exposures(std::vector<cv::Mat>& images, const cv::Mat& reference) {
  const auto small = at_automatic_scale(images);
  const cv::Mat level = reference.empty() ? temporal_median(small) : at_automatic_scale(reference);
  for (size_t i = 0; i < images.size(); ++i) {
    const double gain = exposure_gain(small[i], level);
    if (gain == 1.0) continue;
    const cv::Mat levelled = images[i] / gain;
    images[i] = levelled;  // the pixels of the image itself, which others may hold, stay
  }
}

}  // namespace proxseg
