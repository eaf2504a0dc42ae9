#include "tools/synth/street.h"

#include <algorithm>
#include <array>
#include <cmath>

#include "tools/synth/noise.h"

namespace proxseg {
namespace {

// Position within a repeated pattern, in [0, period).
double repeat(double x, double period) { return x - period * std::floor(x / period); }

bool within(double x, double low, double high) { return x >= low && x < high; }

}  // namespace

double Street::Tree::distance(double x, double y) const {
  const double dx = (x - center.x) / radius.x;
  const double dy = (y - center.y) / radius.y;
  return std::sqrt(dx * dx + dy * dy);
}

Street::Street(uint64_t seed, double width) : seed_(mix_bits(seed)) {
  static const std::array<cv::Vec3d, 5> kWalls = {
      cv::Vec3d(120, 140, 165), cv::Vec3d(105, 115, 150), cv::Vec3d(150, 160, 165),
      cv::Vec3d(125, 150, 160), cv::Vec3d(140, 135, 130)};
  Random random(seed, 1);
  constexpr double kBeyond = 40.0;  // a shaking camera sees past the border
  for (double left = -kBeyond; left < width + kBeyond;) {
    const double right = left + random.uniform(26.0, 46.0);
    const double shade = random.uniform(0.75, 1.1);
    houses_.push_back({left, right, random.uniform(2.0, 20.0),
                       kWalls[random.below(kWalls.size())] * shade, random.uniform(3.0, 4.5),
                       random.uniform(4.5, 6.5)});
    left = right;
  }
  trees_.push_back({{width * random.uniform(0.78, 0.88), 33.0}, {17.0, 19.0}});
  trees_.push_back({{width * random.uniform(0.1, 0.2), 38.0}, {11.0, 13.0}});
  lamp_ = width * random.uniform(0.4, 0.55);
}

cv::Vec3d Street::color(double x, double y) const {
  const double grain = 1.0 + 0.05 * fractal_noise(x / 2.0, y / 2.0, seed_ + 50, 2);
  for (const Tree& tree : trees_) {
    if (in_crown(tree, x, y)) {
      const double leaf = fractal_noise(x / 3.5, y / 3.5, seed_ + 60, 3);
      return cv::Vec3d(45, 95, 70) * (1.0 + 0.8 * leaf);
    }
    if (within(x - tree.center.x, -1.6, 1.6) && within(y, tree.center.y, kGrassEnd - 1.0)) {
      return cv::Vec3d(45, 60, 75) * grain;
    }
  }
  if (within(x - lamp_, -0.7, 0.7) && within(y, 14.0, kGrassEnd))
    return cv::Vec3d(70, 70, 65) * grain;
  if (within(x - lamp_, -4.0, 0.7) && within(y, 12.5, 14.5)) return cv::Vec3d(95, 95, 90) * grain;
  return (y < kHouseFoot ? skyline(x, y) : ground(x, y)) * grain;
}

double Street::sway(double x, double y) const {
  double weight = 0.0;
  for (const Tree& tree : trees_) {
    weight = std::max(weight, std::clamp(4.0 * (1.35 - tree.distance(x, y)), 0.0, 1.0));
  }
  return weight;
}

bool Street::in_crown(const Tree& tree, double x, double y) const {
  return tree.distance(x, y) + 0.25 * fractal_noise(x / 6.0, y / 6.0, seed_ + 70, 2) < 1.0;
}

cv::Vec3d Street::skyline(double x, double y) const {
  for (const House& house : houses_) {
    if (within(x, house.left, house.right) && y >= house.top) return facade(house, x, y);
  }
  return cv::Vec3d(225, 212, 200) +
         cv::Vec3d::all(12.0 * fractal_noise(x / 30.0, y / 9.0, seed_ + 80, 3));
}

cv::Vec3d Street::facade(const House& house, double x, double y) const {
  if (y < house.top + 1.5) return house.color * 0.6;
  const double column = (x - house.left - 2.0) / (2.2 * house.window_width);
  const double row = (y - house.top - 4.0) / (1.8 * house.window_height);
  const bool window = column >= 0.0 && row >= 0.0 && x < house.right - 2.0 &&
                      y < kHouseFoot - 4.0 && repeat(column, 1.0) < 1.0 / 2.2 &&
                      repeat(row, 1.0) < 1.0 / 1.8;
  if (window) {
    const double pane = value_noise(std::floor(column) + house.left, std::floor(row), seed_ + 90);
    return cv::Vec3d(95, 80, 65) * (1.0 + 0.4 * pane);
  }
  return house.color * (1.0 + 0.08 * fractal_noise(x / 8.0, y / 8.0, seed_ + 100, 3));
}

cv::Vec3d Street::ground(double x, double y) const {
  const double patches = fractal_noise(x / 14.0, y / 8.0, seed_ + 110, 4);
  if (y < kGrassEnd) return cv::Vec3d(60, 125, 95) * (1.0 + 0.35 * patches);
  if (within(y, kFarPavementEnd, kFarPavementEnd + 1.5) || within(y, kRoadEnd, kRoadEnd + 2.0)) {
    return cv::Vec3d(172, 178, 180);
  }
  if (within(y, kFarPavementEnd, kRoadEnd)) {
    const double middle = 0.5 * (kFarPavementEnd + kRoadEnd);
    const bool dash = within(y - middle, -0.6, 0.8) && repeat(x, 16.0) < 8.0;
    return dash ? cv::Vec3d(195, 200, 200) : cv::Vec3d(92, 90, 88) * (1.0 + 0.12 * patches);
  }
  const bool joint = repeat(x + 0.5 * y, 9.0) < 0.6 || repeat(y, 5.0) < 0.5;
  return cv::Vec3d(150, 156, 160) * ((joint ? 0.82 : 1.0) + 0.07 * patches);
}

}  // namespace proxseg
