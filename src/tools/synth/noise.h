// Random numbers and textures that are the same on every machine: the standard specifies its
// engines, but not its distributions.
#pragma once

#include <cstddef>
#include <cstdint>
#include <random>

namespace proxseg {

// A well mixed function of its argument (SplitMix64, Steele, Lea and Flood 2014).
inline uint64_t mix_bits(uint64_t x) {
  x += 0x9e3779b97f4a7c15ULL;
  x = (x ^ (x >> 30)) * 0xbf58476d1ce4e5b9ULL;
  x = (x ^ (x >> 27)) * 0x94d049bb133111ebULL;
  return x ^ (x >> 31);
}

// In [0, 1), from the upper 53 bits.
inline double to_unit(uint64_t bits) { return static_cast<double>(bits >> 11) * 0x1.0p-53; }

class Random {
 public:
  // Streams of one seed are independent of each other.
  Random(uint64_t seed, uint64_t stream) : engine_(mix_bits(mix_bits(seed) ^ stream)) {}

  double uniform(double low, double high) { return low + (high - low) * to_unit(engine_()); }

  // In [0, count).
  size_t below(size_t count) {
    return static_cast<size_t>(to_unit(engine_()) * static_cast<double>(count));
  }

  bool coin() { return (engine_() >> 63) != 0; }

  // Mean 0 and standard deviation 1: the sum of four uniform numbers (Irwin-Hall), cut off at 3.5
  // deviations.
  double normal() {
    const uint64_t bits = engine_();
    const uint64_t sum =
        (bits & 0xffff) + (bits >> 16 & 0xffff) + (bits >> 32 & 0xffff) + (bits >> 48);
    return (static_cast<double>(sum) - 2.0 * 65535.0) * (1.7320508075688772 / 65536.0);
  }

 private:
  std::mt19937_64 engine_;
};

// Smooth noise in [-1, 1]: random values on the integer lattice, joined by a cubic.
double value_noise(double x, double y, uint64_t seed);

// Sum of octaves of value_noise, each of twice the frequency and half the weight; in [-1, 1].
double fractal_noise(double x, double y, uint64_t seed, int octaves);

}  // namespace proxseg
