// What a synthetic sequence shows.
#pragma once

#include <cstdint>

namespace proxseg {

struct SynthOptions {
  int64_t frames = 120;  // 1 to 999999
  int64_t width = 160;   // of the frames in pixels, 32 to 4096
  int64_t height = 120;  // the scene is scaled by it
  uint64_t seed = 1;     // of everything: layout, objects, noise
  int64_t objects = 4;  // that move at a time, 0 to 64; each one that leaves is followed by another
  double noise = 2.0;   // standard deviation of the sensor noise in grey levels, 0 to 64
  double drift = 0.03;  // amplitude of the slow change of brightness, as a part of it, 0 to 0.5
  bool shadows = false;   // objects cast a shadow on the ground
  bool waving = false;    // the trees sway
  double shake = 0.0;     // largest movement of the camera along each axis in pixels, 0 to 16
  bool stopping = false;  // the first car stands still for two fifths of the clip
  int64_t quality = 95;   // of the JPEG frames, 1 to 100; 0 writes PNG
};

// Throws UsageError that lists every value out of range.
void check_synth_options(const SynthOptions& options);

}  // namespace proxseg
