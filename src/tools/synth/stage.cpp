#include "tools/synth/stage.h"

#include <algorithm>

#include "proxseg/media/cdnet.h"

namespace proxseg {
namespace {

// The sun: a point at height h casts its shadow this much to the right and downwards.
constexpr double kShadowRight = 0.8;
constexpr double kShadowDown = 0.5;
constexpr double kShadowStrength = 0.42;  // part of the light that is missing
constexpr double kPenumbra = 1.6;         // width of the shadow's border in pixels

int clip(double pixel, int length) {
  return static_cast<int>(std::clamp(pixel, 0.0, static_cast<double>(length)));
}

// Calls visit(row, column, place in the actor's coordinates, units a pixel) for each pixel that
// an actor or its shadow may touch. from: scene place to the upright scene place of the actor
// that covers or shades it.
template <class ToUpright, class Visit>
void for_each_pixel(const Crossing& crossing, double time, cv::Point2d shift, double scale,
                    cv::Size size, ToUpright&& to_upright, Visit&& visit) {
  if (!crossing.visible(time)) return;
  const double x = crossing.x(time);
  const double reach = crossing.actor.half_length() * crossing.height;
  const auto to_pixel = [&](double place, double offset) { return place * scale - offset; };
  const double unit = 1.0 / crossing.height;
  const int left = clip(to_pixel(x - reach, shift.x) - 2.0, size.width);
  const int right =
      clip(to_pixel(x + reach + kShadowRight * crossing.height, shift.x) + 3.0, size.width);
  const int top = clip(to_pixel(crossing.foot - crossing.height, shift.y) - 2.0, size.height);
  const int bottom =
      clip(to_pixel(crossing.foot + kShadowDown * crossing.height, shift.y) + 3.0, size.height);
  for (int row = top; row < bottom; ++row) {
    for (int column = left; column < right; ++column) {
      const cv::Point2d ground((column + shift.x) / scale - x,
                               crossing.foot - (row + shift.y) / scale);
      const cv::Point2d upright = to_upright(ground);
      visit(row, column, cv::Point2d(upright.x * crossing.direction, upright.y) * unit,
            unit / scale);
    }
  }
}

}  // namespace

SynthStage::SynthStage(uint64_t seed, cv::Size world, int margin)
    : scale_(world.height / kSceneHeight),
      margin_(margin),
      world_(world),
      street_(seed, world.width / scale_) {
  paint_canvas();
}

// The street on a canvas with a margin on each side, four samples a pixel.
void SynthStage::paint_canvas() {
  canvas_.create(world_.height + 2 * margin_, world_.width + 2 * margin_, CV_64FC3);
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

void SynthStage::cast_shadow(const Crossing& crossing, double time, cv::Point2d shift,
                             cv::Mat& shade) const {
  const double stride = crossing.gait * crossing.way(time);
  const auto from_shadow = [](cv::Point2d ground) {
    const double height = -ground.y / kShadowDown;
    return cv::Point2d(ground.x - kShadowRight * height, height);
  };
  for_each_pixel(crossing, time, shift, scale_, shade.size(), from_shadow,
                 [&](int row, int column, cv::Point2d at, double pixel) {
                   if (at.y < 0.0) return;
                   const double distance = crossing.actor.distance(at, stride) / pixel;
                   auto& depth = shade.at<double>(row, column);
                   depth = std::max(depth, coverage(distance / kPenumbra));
                 });
}

void SynthStage::darken(cv::Mat& light, const cv::Mat& shade) {
  for (int row = 0; row < light.rows; ++row) {
    for (int column = 0; column < light.cols; ++column) {
      light.at<cv::Vec3d>(row, column) *= 1.0 - kShadowStrength * shade.at<double>(row, column);
    }
  }
}

void SynthStage::draw(const Crossing& crossing, int id, double time, cv::Point2d shift,
                      cv::Mat& light, cv::Mat& solid, cv::Mat& objects) const {
  const double stride = crossing.gait * crossing.way(time);
  const auto itself = [](cv::Point2d place) { return place; };
  for_each_pixel(crossing, time, shift, scale_, light.size(), itself,
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

cv::Mat SynthStage::label(const cv::Mat& solid, const cv::Mat& shade) {
  cv::Mat labels(solid.size(), CV_8UC1, cv::Scalar(proxseg::label::kStatic));
  labels.setTo(proxseg::label::kHardShadow, shade > 0.25);
  labels.setTo(proxseg::label::kUnknown, solid > 0.05);
  labels.setTo(proxseg::label::kMoving, solid > 0.95);
  return labels;
}

}  // namespace proxseg
