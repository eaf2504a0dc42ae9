// Textures out of nothing but a seed.
#pragma once

#include <cstdint>

namespace proxseg {

// Smooth noise in [-1, 1]: random values on the integer lattice, joined by a cubic.
double value_noise(double x, double y, uint64_t seed);

// Sum of octaves of value_noise, each of twice the frequency and half the weight; in [-1, 1].
double fractal_noise(double x, double y, uint64_t seed, int octaves);

}  // namespace proxseg
