// How the scene is modelled: the reference background, the form of the foreground, and how masks
// are cleaned up.
#pragma once

#include <cstdint>
#include <string>

namespace proxseg {

enum class Form {
  kSigned,  // the paper: S = f(D), any sign; mask = |S| > threshold
  kMasked   // M = sigmoid(f(D, B)); S = M * (D - B); mask = M > threshold
};

enum class BackgroundMethod {
  kSettled,  // per-pixel median over the frames that show no object there, however long one stood
  kMedian,   // per-pixel median over frames spread evenly over the clip
  kFirst,    // per-pixel median of the first `frames` frames
  kFile      // an image
};

struct BackgroundOptions {
  BackgroundMethod method = BackgroundMethod::kSettled;
  // At most this many frames enter the median; memory is frames x pixels bytes. >= 1.
  int64_t frames = 200;
  // kFile: an image of the frames' size.
  std::string file;
  // Differences from the background count in units of the pixel's own noise plus a floor, by the
  // scene's noise but at most this, in [0, 1]; 0: all pixels alike.
  double noise_floor = 20.0 / 255.0;
  // Align the frames of a camera that shakes; those of one that stands still are left as they are.
  bool stabilize = true;
  // The background of a frame is as bright as the frame: exposure_gain() times the reference.
  bool follow_exposure = true;
};

struct MaskOptions {
  // On M in [0, 1] (masked form) or on |S| in [0, 1] (signed form), the largest over channels.
  double threshold = 0.5;
  // Side of the median filter on the binary mask as a part of the image's shorter side, made odd;
  // 0 is none.
  double median = 0.02;
  // Cast shadows are removed, where there is colour to tell them by; needs noise_floor > 0.
  bool remove_shadows = true;
  // Components (8-connected) that are a smaller part of the image are removed; 0 is none.
  double min_area = 0.0005;
  // Holes inside a component that are a smaller part of the image are filled; 0 is none.
  double fill_holes = 0.004;
};

}  // namespace proxseg
