#include "proxseg/tools/synth.h"

#include <algorithm>
#include <cmath>
#include <numbers>

#include "tools/synth/noise.h"
#include "tools/synth/stage.h"
#include "tools/synth/traffic.h"

namespace proxseg {
namespace {

constexpr double kSwayAmplitude = 1.6;  // of the trees, in scene units

double wave(double cycles) { return std::sin(2.0 * std::numbers::pi * cycles); }

cv::Vec3d bilinear(const cv::Mat& canvas, double x, double y) {
  const double left = std::clamp(std::floor(x), 0.0, canvas.cols - 2.0);
  const double top = std::clamp(std::floor(y), 0.0, canvas.rows - 2.0);
  const double u = std::clamp(x - left, 0.0, 1.0);
  const double v = std::clamp(y - top, 0.0, 1.0);
  const auto* above = canvas.ptr<cv::Vec3d>(static_cast<int>(top)) + static_cast<int>(left);
  const auto* below = canvas.ptr<cv::Vec3d>(static_cast<int>(top) + 1) + static_cast<int>(left);
  return (above[0] * (1.0 - u) + above[1] * u) * (1.0 - v) +
         (below[0] * (1.0 - u) + below[1] * u) * v;
}

}  // namespace

class SynthScene::Impl {
 public:
  explicit Impl(const SynthOptions& options)
      : options_(options),
        size_(static_cast<int>(options.width), static_cast<int>(options.height)),
        scale_(options.height / kSceneHeight),
        stage_(options.seed, size_,
               static_cast<int>(std::ceil(options.shake + 2.0 * kSwayAmplitude * scale_)) + 1),
        crossings_(plan_traffic(options, options.width / scale_)) {}

  cv::Mat background() const {
    const int margin = stage_.margin();
    cv::Mat image;
    stage_.canvas()(cv::Rect({margin, margin}, size_)).convertTo(image, CV_8U);
    return image;
  }

  SynthFrame frame(int64_t index) const {
    const auto time = static_cast<double>(index);
    const cv::Point2d shift = camera_shift(time);
    cv::Mat light = backdrop(time, shift);
    cv::Mat solid(size_, CV_64F, cv::Scalar(0.0));
    cv::Mat shade(size_, CV_64F, cv::Scalar(0.0));
    if (options_.shadows) {
      for (const Crossing& crossing : crossings_) stage_.cast_shadow(crossing, time, shift, shade);
      SynthStage::darken(light, shade);
    }
    cv::Mat objects(size_, CV_32SC1, cv::Scalar(0));
    int id = 0;
    for (const Crossing& crossing : crossings_) {
      stage_.draw(crossing, ++id, time, shift, light, solid, objects);
    }
    return {expose(light, index), SynthStage::label(solid, shade), objects};
  }

 private:
  cv::Point2d camera_shift(double time) const {
    Random random(options_.seed, 2);
    const auto axis = [&](double slow, double fast) {
      const double a = random.uniform(0.0, 1.0);
      const double b = random.uniform(0.0, 1.0);
      return options_.shake * (0.6 * wave(slow * time + a) + 0.4 * wave(fast * time + b));
    };
    const double x = axis(0.17, 0.41);
    return {x, axis(0.13, 0.37)};
  }

  cv::Mat backdrop(double time, cv::Point2d shift) const {
    const int margin = stage_.margin();
    cv::Mat light(size_, CV_64FC3);
    for (int row = 0; row < size_.height; ++row) {
      auto* pixels = light.ptr<cv::Vec3d>(row);
      for (int column = 0; column < size_.width; ++column) {
        cv::Point2d at(column + shift.x, row + shift.y);
        if (options_.waving) at += sway(at, time);
        pixels[column] = bilinear(stage_.canvas(), at.x + margin, at.y + margin);
      }
    }
    return light;
  }

  // Pixels by which the tree at a place is displaced.
  cv::Point2d sway(cv::Point2d at, double time) const {
    const double x = at.x / scale_;
    const double y = at.y / scale_;
    const double amplitude = kSwayAmplitude * scale_ * stage_.street().sway(x, y);
    return {amplitude * wave(0.11 * time + 0.03 * x + 0.02 * y),
            0.6 * amplitude * wave(0.14 * time + 0.04 * y + 0.3)};
  }

  cv::Mat expose(const cv::Mat& light, int64_t index) const {
    Random random(options_.seed, 1'000'000 + static_cast<uint64_t>(index));
    const double phase = Random(options_.seed, 3).uniform(0.0, 1.0);
    const double cycles = 0.6 * static_cast<double>(index) / static_cast<double>(options_.frames);
    const double gain = 1.0 + options_.drift * wave(cycles + phase);
    cv::Mat image(size_, CV_8UC3);
    for (int row = 0; row < size_.height; ++row) {
      for (int column = 0; column < size_.width; ++column) {
        const cv::Vec3d& color = light.at<cv::Vec3d>(row, column);
        for (int channel = 0; channel < 3; ++channel) {
          const double value = gain * color[channel] + options_.noise * random.normal();
          image.at<cv::Vec3b>(row, column)[channel] = cv::saturate_cast<uchar>(value);
        }
      }
    }
    return image;
  }

  SynthOptions options_;
  cv::Size size_;
  double scale_;  // pixels a scene unit
  SynthStage stage_;
  std::vector<Crossing> crossings_;
};

SynthScene::SynthScene(const SynthOptions& options) {
  check_synth_options(options);
  impl_ = std::make_unique<Impl>(options);
}

SynthScene::~SynthScene() = default;

cv::Mat SynthScene::background() const { return impl_->background(); }

SynthFrame SynthScene::frame(int64_t index) const { return impl_->frame(index); }

}  // namespace proxseg
