#include "proxseg/tools/synth.h"

#include <algorithm>
#include <cmath>
#include <numbers>
#include <stdexcept>

#include "proxseg/media/cdnet.h"
#include "tools/synth/noise.h"
#include "tools/synth/street.h"
#include "tools/synth/traffic.h"

namespace proxseg {
namespace {

// The sun: a point at height h casts its shadow this much to the right and downwards.
constexpr double kShadowRight = 0.8;
constexpr double kShadowDown = 0.5;
constexpr double kShadowStrength = 0.42;  // part of the light that is missing
constexpr double kPenumbra = 1.6;         // width of the shadow's border in pixels
constexpr double kSwayAmplitude = 1.6;    // of the trees, in scene units

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
        margin_(static_cast<int>(std::ceil(options.shake + 2.0 * kSwayAmplitude * scale_)) + 1),
        street_(options.seed, options.width / scale_),
        crossings_(plan_traffic(options, options.width / scale_)) {
    paint_canvas();
  }

  cv::Mat background() const {
    cv::Mat image;
    canvas_(cv::Rect({margin_, margin_}, size_)).convertTo(image, CV_8U);
    return image;
  }

  SynthFrame frame(int64_t index) const {
    const auto time = static_cast<double>(index);
    const cv::Point2d shift = camera_shift(time);
    cv::Mat light = backdrop(time, shift);
    cv::Mat solid(size_, CV_64F, cv::Scalar(0.0));
    cv::Mat shade(size_, CV_64F, cv::Scalar(0.0));
    if (options_.shadows) {
      for (const Crossing& crossing : crossings_) cast_shadow(crossing, time, shift, shade);
      darken(light, shade);
    }
    cv::Mat objects(size_, CV_32SC1, cv::Scalar(0));
    int id = 0;
    for (const Crossing& crossing : crossings_) {
      draw(crossing, ++id, time, shift, light, solid, objects);
    }
    return {expose(light, index), label(solid, shade), objects};
  }

 private:
  // The street on a canvas with a margin on each side, four samples a pixel.
  void paint_canvas() {
    canvas_.create(size_.height + 2 * margin_, size_.width + 2 * margin_, CV_64FC3);
    for (int row = 0; row < canvas_.rows; ++row) {
      auto* pixels = canvas_.ptr<cv::Vec3d>(row);
      for (int column = 0; column < canvas_.cols; ++column) {
        cv::Vec3d sum;
        for (const double dy : {-0.25, 0.25}) {
          for (const double dx : {-0.25, 0.25}) {
            sum += street_.color((column - margin_ + dx) / scale_, (row - margin_ + dy) / scale_);
          }
        }
        pixels[column] = sum * 0.25;
      }
    }
  }

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
    cv::Mat light(size_, CV_64FC3);
    for (int row = 0; row < size_.height; ++row) {
      auto* pixels = light.ptr<cv::Vec3d>(row);
      for (int column = 0; column < size_.width; ++column) {
        cv::Point2d at(column + shift.x, row + shift.y);
        if (options_.waving) at += sway(at, time);
        pixels[column] = bilinear(canvas_, at.x + margin_, at.y + margin_);
      }
    }
    return light;
  }

  // Pixels by which the tree at a place is displaced.
  cv::Point2d sway(cv::Point2d at, double time) const {
    const double x = at.x / scale_;
    const double y = at.y / scale_;
    const double amplitude = kSwayAmplitude * scale_ * street_.sway(x, y);
    return {amplitude * wave(0.11 * time + 0.03 * x + 0.02 * y),
            0.6 * amplitude * wave(0.14 * time + 0.04 * y + 0.3)};
  }

  // Calls visit(row, column, place in the actor's coordinates, units a pixel) for each pixel that
  // an actor or its shadow may touch. from: scene place to the upright scene place of the actor
  // that covers or shades it.
  template <class ToUpright, class Visit>
  void for_each_pixel(const Crossing& crossing, double time, cv::Point2d shift,
                      ToUpright&& to_upright, Visit&& visit) const {
    if (!crossing.visible(time)) return;
    const double x = crossing.x(time);
    const double reach = crossing.actor.half_length() * crossing.height;
    const auto to_pixel = [&](double place, double offset) { return place * scale_ - offset; };
    const double unit = 1.0 / crossing.height;
    const int left = clip(to_pixel(x - reach, shift.x) - 2.0, size_.width);
    const int right =
        clip(to_pixel(x + reach + kShadowRight * crossing.height, shift.x) + 3.0, size_.width);
    const int top = clip(to_pixel(crossing.foot - crossing.height, shift.y) - 2.0, size_.height);
    const int bottom =
        clip(to_pixel(crossing.foot + kShadowDown * crossing.height, shift.y) + 3.0, size_.height);
    for (int row = top; row < bottom; ++row) {
      for (int column = left; column < right; ++column) {
        const cv::Point2d ground((column + shift.x) / scale_ - x,
                                 crossing.foot - (row + shift.y) / scale_);
        const cv::Point2d upright = to_upright(ground);
        visit(row, column, cv::Point2d(upright.x * crossing.direction, upright.y) * unit,
              unit / scale_);
      }
    }
  }

  static int clip(double pixel, int length) {
    return static_cast<int>(std::clamp(pixel, 0.0, static_cast<double>(length)));
  }

  void cast_shadow(const Crossing& crossing, double time, cv::Point2d shift, cv::Mat& shade) const {
    const double stride = crossing.gait * crossing.way(time);
    const auto from_shadow = [](cv::Point2d ground) {
      const double height = -ground.y / kShadowDown;
      return cv::Point2d(ground.x - kShadowRight * height, height);
    };
    for_each_pixel(crossing, time, shift, from_shadow,
                   [&](int row, int column, cv::Point2d at, double pixel) {
                     if (at.y < 0.0) return;
                     const double distance = crossing.actor.distance(at, stride) / pixel;
                     auto& depth = shade.at<double>(row, column);
                     depth = std::max(depth, coverage(distance / kPenumbra));
                   });
  }

  static void darken(cv::Mat& light, const cv::Mat& shade) {
    for (int row = 0; row < light.rows; ++row) {
      for (int column = 0; column < light.cols; ++column) {
        light.at<cv::Vec3d>(row, column) *= 1.0 - kShadowStrength * shade.at<double>(row, column);
      }
    }
  }

  void draw(const Crossing& crossing, int id, double time, cv::Point2d shift, cv::Mat& light,
            cv::Mat& solid, cv::Mat& objects) const {
    const double stride = crossing.gait * crossing.way(time);
    const auto itself = [](cv::Point2d place) { return place; };
    for_each_pixel(crossing, time, shift, itself,
                   [&](int row, int column, cv::Point2d at, double pixel) {
                     const double covered = coverage(crossing.actor.distance(at, stride) / pixel);
                     if (covered <= 0.0) return;
                     auto& color = light.at<cv::Vec3d>(row, column);
                     color += (crossing.actor.color(at, stride, pixel) - color) * covered;
                     auto& total = solid.at<double>(row, column);
                     total += (1.0 - total) * covered;
                     if (covered > 0.5) objects.at<int>(row, column) = id;
                   });
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

  static cv::Mat label(const cv::Mat& solid, const cv::Mat& shade) {
    cv::Mat labels(solid.size(), CV_8UC1, cv::Scalar(label::kStatic));
    labels.setTo(label::kHardShadow, shade > 0.25);
    labels.setTo(label::kUnknown, solid > 0.05);
    labels.setTo(label::kMoving, solid > 0.95);
    return labels;
  }

  SynthOptions options_;
  cv::Size size_;
  double scale_;  // pixels a scene unit
  int margin_;    // of the canvas in pixels
  Street street_;
  std::vector<Crossing> crossings_;
  cv::Mat canvas_;  // 64FC3
};

SynthScene::SynthScene(const SynthOptions& options) {
  check_synth_options(options);
  impl_ = std::make_unique<Impl>(options);
}

SynthScene::~SynthScene() = default;

cv::Mat SynthScene::background() const { return impl_->background(); }

SynthFrame SynthScene::frame(int64_t index) const { return impl_->frame(index); }

}  // namespace proxseg
