#include "tools/synth/actor.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <limits>

#include "tools/synth/noise.h"

namespace proxseg {
namespace {

double segment_distance(cv::Point2d at, cv::Point2d a, cv::Point2d b) {
  const cv::Point2d along = b - a;
  const double length2 = along.dot(along);
  const double t = length2 > 0.0 ? std::clamp((at - a).dot(along) / length2, 0.0, 1.0) : 0.0;
  const cv::Point2d away = at - (a + t * along);
  return std::sqrt(away.dot(away));
}

// Exact inside; outside, the distance to the nearest edge's segment.
double polygon_distance(cv::Point2d at, const std::vector<cv::Point2d>& corners) {
  double nearest = std::numeric_limits<double>::max();
  bool inside = true;
  for (size_t i = 0; i < corners.size(); ++i) {
    const cv::Point2d a = corners[i];
    const cv::Point2d b = corners[(i + 1) % corners.size()];
    nearest = std::min(nearest, segment_distance(at, a, b));
    inside = inside && (b - a).cross(at - a) >= 0.0;
  }
  return inside ? -nearest : nearest;
}

double part_distance(const BodyPart& part, cv::Point2d at, double stride) {
  if (part.shape == BodyPart::Shape::kPolygon)
    return polygon_distance(at, part.points) - part.radius;
  const cv::Point2d end = part.points[1] + cv::Point2d(part.swing * std::sin(stride), 0.0);
  return segment_distance(at, part.points[0], end) - part.radius;
}

BodyPart segment(cv::Point2d a, cv::Point2d b, double radius, const cv::Vec3d& color,
                 double texture = 0.0, double swing = 0.0) {
  return {BodyPart::Shape::kSegment, {a, b}, radius, color, texture, swing};
}

BodyPart disc(cv::Point2d center, double radius, const cv::Vec3d& color) {
  return segment(center, center, radius, color);
}

BodyPart polygon(std::vector<cv::Point2d> corners, double radius, const cv::Vec3d& color,
                 double texture = 0.0) {
  return {BodyPart::Shape::kPolygon, std::move(corners), radius, color, texture, 0.0};
}

template <size_t Size>
cv::Vec3d pick(const std::array<cv::Vec3d, Size>& colors, Random& random) {
  const cv::Vec3d& color = colors[random.below(Size)];
  return color * random.uniform(0.85, 1.1);
}

}  // namespace

Actor Actor::car(Random& random) {
  static const std::array<cv::Vec3d, 6> kPaints = {
      cv::Vec3d(40, 35, 170), cv::Vec3d(150, 70, 35),  cv::Vec3d(215, 215, 210),
      cv::Vec3d(40, 38, 36),  cv::Vec3d(60, 170, 205), cv::Vec3d(75, 110, 45)};
  const cv::Vec3d paint = pick(kPaints, random);
  const cv::Vec3d glass(95, 75, 60);
  const cv::Vec3d rubber(30, 30, 30);
  const bool van = random.coin();
  const double roof = van ? 0.97 : 0.94;
  const double rear = van ? -1.12 : -0.55;
  const double front = van ? 0.55 : 0.3;
  Actor actor;
  actor.seed_ = mix_bits(random.below(1U << 30));
  actor.half_length_ = 1.3;
  actor.parts_ = {
      polygon({{-1.2, 0.25}, {1.2, 0.25}, {1.18, 0.48}, {0.75, 0.56}, {-1.2, 0.58}}, 0.07, paint,
              0.12),
      polygon({{rear - 0.4, 0.55}, {front + 0.45, 0.55}, {front, roof}, {rear, roof}}, 0.05,
              paint * 0.92, 0.12),
      polygon({{rear - 0.2, 0.6}, {-0.2, 0.6}, {-0.2, roof - 0.05}, {rear + 0.05, roof - 0.05}},
              0.0, glass),
      polygon(
          {{-0.08, 0.6}, {front + 0.27, 0.6}, {front - 0.03, roof - 0.05}, {-0.08, roof - 0.05}},
          0.0, glass),
      disc({-0.75, 0.2}, 0.2, rubber),
      disc({0.75, 0.2}, 0.2, rubber),
      disc({-0.75, 0.2}, 0.09, {130, 130, 130}),
      disc({0.75, 0.2}, 0.09, {130, 130, 130}),
      segment({1.17, 0.42}, {1.21, 0.42}, 0.05, {190, 235, 240}),
      segment({-1.21, 0.45}, {-1.2, 0.5}, 0.05, {40, 40, 190}),
  };
  return actor;
}

Actor Actor::walker(Random& random) {
  static const std::array<cv::Vec3d, 6> kShirts = {
      cv::Vec3d(45, 50, 175), cv::Vec3d(165, 95, 45), cv::Vec3d(70, 190, 215),
      cv::Vec3d(60, 120, 60), cv::Vec3d(40, 40, 45),  cv::Vec3d(225, 225, 225)};
  static const std::array<cv::Vec3d, 4> kTrousers = {cv::Vec3d(90, 55, 40), cv::Vec3d(40, 40, 40),
                                                     cv::Vec3d(70, 90, 115), cv::Vec3d(60, 62, 65)};
  static const std::array<cv::Vec3d, 3> kSkins = {cv::Vec3d(130, 165, 215), cv::Vec3d(95, 130, 180),
                                                  cv::Vec3d(55, 80, 120)};
  const cv::Vec3d shirt = pick(kShirts, random);
  const cv::Vec3d trousers = pick(kTrousers, random);
  const cv::Vec3d skin = pick(kSkins, random);
  Actor actor;
  actor.seed_ = mix_bits(random.below(1U << 30));
  actor.half_length_ = 0.25;
  actor.parts_ = {
      segment({0.0, 0.76}, {0.0, 0.48}, 0.04, shirt * 0.75, 0.1, 0.14),
      segment({0.0, 0.48}, {0.0, 0.055}, 0.055, trousers * 0.85, 0.1, -0.15),
      segment({0.0, 0.48}, {0.0, 0.055}, 0.055, trousers, 0.1, 0.15),
      segment({0.0, 0.56}, {0.0, 0.73}, 0.105, shirt, 0.25),
      segment({0.0, 0.76}, {0.0, 0.48}, 0.035, shirt * 0.85, 0.1, -0.14),
      disc({0.01, 0.91}, 0.085, skin),
      segment({-0.03, 0.95}, {0.0, 0.96}, 0.05, {35, 45, 55}),
  };
  return actor;
}

Actor Actor::thing(Random& random) {
  Actor actor;
  actor.seed_ = mix_bits(random.below(1U << 30));
  actor.half_length_ = 0.8;
  const auto anywhere = [&random](double reach) {
    return cv::Point2d(random.uniform(-reach, reach), 0.5 + random.uniform(-0.5, 0.5) * reach);
  };
  const size_t parts = 1 + random.below(4);
  for (size_t i = 0; i < parts; ++i) {
    cv::Vec3d color;
    for (int c = 0; c < 3; ++c) color[c] = random.uniform(10.0, 245.0);
    const double reach = random.uniform(0.1, 0.6);
    actor.parts_.push_back(segment(anywhere(reach), anywhere(reach), random.uniform(0.1, 0.35),
                                   color, random.uniform(0.0, 0.6), random.uniform(-0.2, 0.2)));
  }
  return actor;
}

double Actor::distance(cv::Point2d at, double stride) const {
  double nearest = std::numeric_limits<double>::max();
  for (const BodyPart& part : parts_) nearest = std::min(nearest, part_distance(part, at, stride));
  return nearest;
}

cv::Vec3d Actor::color(cv::Point2d at, double stride, double pixel) const {
  const double speckle = fractal_noise(at.x * 9.0, at.y * 9.0, seed_, 3);
  cv::Vec3d color;
  double nearest = std::numeric_limits<double>::max();
  for (const BodyPart& part : parts_) {
    const double distance = part_distance(part, at, stride);
    const cv::Vec3d own = part.color * (1.0 + part.texture * speckle);
    // Where no part covers the place wholly, the nearest one gives the colour below.
    if (nearest > 0.0 && distance < nearest) color = own;
    color += (own - color) * coverage(distance / pixel);
    nearest = std::min(nearest, distance);
  }
  return color;
}

double coverage(double distance) { return std::clamp(0.5 - distance, 0.0, 1.0); }

}  // namespace proxseg
