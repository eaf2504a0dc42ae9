#include "tools/synth/noise.h"

#include <cmath>

namespace proxseg {
namespace {

double lattice_value(int64_t x, int64_t y, uint64_t seed) {
  const uint64_t cell = mix_bits(seed ^ static_cast<uint64_t>(x)) ^ static_cast<uint64_t>(y);
  return 2.0 * to_unit(mix_bits(cell)) - 1.0;
}

double ease(double t) { return t * t * (3.0 - 2.0 * t); }

}  // namespace

double value_noise(double x, double y, uint64_t seed) {
  const double left = std::floor(x);
  const double top = std::floor(y);
  const auto i = static_cast<int64_t>(left);
  const auto j = static_cast<int64_t>(top);
  const double u = ease(x - left);
  const double v = ease(y - top);
  const double above = std::lerp(lattice_value(i, j, seed), lattice_value(i + 1, j, seed), u);
  const double below =
      std::lerp(lattice_value(i, j + 1, seed), lattice_value(i + 1, j + 1, seed), u);
  return std::lerp(above, below, v);
}

double fractal_noise(double x, double y, uint64_t seed, int octaves) {
  double sum = 0.0;
  double total = 0.0;
  double weight = 1.0;
  for (int octave = 0; octave < octaves; ++octave) {
    sum += weight * value_noise(x, y, seed + static_cast<uint64_t>(octave));
    total += weight;
    weight *= 0.5;
    x *= 2.0;
    y *= 2.0;
  }
  return sum / total;
}

}  // namespace proxseg
