// A tiny synthetic scene with moving objects, on disk and as a clip.
#pragma once

#include <opencv2/imgcodecs.hpp>

#include "proxseg/tools/synth.h"
#include "support/temporary_folder.h"

namespace proxseg {

inline SynthOptions tiny_scene(int64_t frames) {
  SynthOptions options;
  options.frames = frames;
  options.width = 48;
  options.height = 36;
  options.objects = 2;
  return options;
}

// A CDnet sequence folder below `folder`.
inline std::string write_tiny_scene(const TemporaryFolder& folder, int64_t frames = 12) {
  const auto path = folder / "scene";
  generate_sequence(tiny_scene(frames), path);
  return path.string();
}

}  // namespace proxseg
