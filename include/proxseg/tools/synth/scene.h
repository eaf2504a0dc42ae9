// A toy surveillance scene whose ground truth is known exactly: cars and walkers on a street before
// houses and trees.
#pragma once

#include <cstdint>
#include <memory>
#include <opencv2/core.hpp>

#include "proxseg/tools/synth/options.h"

namespace proxseg {

// Labels of CDnet ground truth.
inline constexpr uint8_t kLabelStatic = 0;
inline constexpr uint8_t kLabelShadow = 50;
inline constexpr uint8_t kLabelUnknown =
    170;  // the blended border of an object, a pixel or two wide
inline constexpr uint8_t kLabelMotion = 255;

struct SynthFrame {
  cv::Mat image;   // 8UC3 BGR
  cv::Mat labels;  // 8UC1
};

// The same options give the same frames. Labels do not depend on noise, drift or waving; without
// objects all are static.
class SynthScene {
 public:
  // Throws UsageError as check_synth_options() does.
  explicit SynthScene(const SynthOptions& options);
  ~SynthScene();
  SynthScene(const SynthScene&) = delete;
  SynthScene& operator=(const SynthScene&) = delete;

  // The scene without objects, at rest, in mean light and without noise. 8UC3 BGR.
  cv::Mat background() const;

  // index: from 0, below options.frames. Frames may be asked for in any order.
  SynthFrame frame(int64_t index) const;

 private:
  class Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace proxseg
