// A street and what moves on it, as a camera sees them that looks at any part of it.
#pragma once

#include <opencv2/core.hpp>

#include "tools/synth/street.h"
#include "tools/synth/traffic.h"

namespace proxseg {

// Lengths are in pixels. `shift` is where in the world the frame's upper left corner lies.
class SynthStage {
 public:
  // world: what actors cross; frames are as high as it. margin: how far beyond a camera may see.
  SynthStage(uint64_t seed, cv::Size world, int margin);

  double scale() const { return scale_; }  // pixels a scene unit
  const Street& street() const { return street_; }
  // 64FC3, with the margin on each side.
  const cv::Mat& canvas() const { return canvas_; }
  int margin() const { return margin_; }

  // shade, 64FC1: the largest part of the light that is missing, in units of a full shadow.
  void cast_shadow(const Crossing& crossing, double time, cv::Point2d shift, cv::Mat& shade) const;
  static void darken(cv::Mat& light, const cv::Mat& shade);

  // light, 64FC3, gets its colours; solid, 64FC1, how much of each pixel it covers; objects, 32SC1,
  // its id where that is more than half.
  void draw(const Crossing& crossing, int id, double time, cv::Point2d shift, cv::Mat& light,
            cv::Mat& solid, cv::Mat& objects) const;

  // Of media/cdnet.h.
  static cv::Mat label(const cv::Mat& solid, const cv::Mat& shade);

 private:
  void paint_canvas();

  double scale_;
  int margin_;
  cv::Size world_;
  Street street_;
  cv::Mat canvas_;
};

}  // namespace proxseg
