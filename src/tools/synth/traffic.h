// What moves, cars and walkers drawn from simple shapes in a frame of their own, and where and
// when.
//
// An actor's coordinates: the origin is on the ground below the middle, p points where the actor
// goes, q upwards; the unit is the actor's height.
#pragma once

#include <cstdint>
#include <opencv2/core.hpp>
#include <vector>

#include "proxseg/tools/synth.h"
#include "tools/synth/noise.h"

namespace proxseg {

// A rounded convex shape: all points within `radius` of a segment or a convex polygon.
struct BodyPart {
  enum class Shape { kSegment, kPolygon };
  Shape shape = Shape::kSegment;
  // The two ends of the segment, or the corners of the polygon counter-clockwise (q upwards).
  std::vector<cv::Point2d> points;
  double radius = 0.0;
  cv::Vec3d color;       // BGR in [0, 255]
  double texture = 0.0;  // amplitude of the noise on the colour, as a fraction of it
  double swing = 0.0;    // the second end moves along p by swing * sin(stride)
};

class Actor {
 public:
  static Actor car(Random& random);
  static Actor walker(Random& random);

  // Half the extent along p.
  double half_length() const { return half_length_; }

  // Signed distance to the silhouette, negative inside. stride: the phase of the gait in radians.
  double distance(cv::Point2d at, double stride) const;

  // Colour at a place inside or at the border; `pixel` is the size of a pixel, over which edges
  // between parts blend.
  cv::Vec3d color(cv::Point2d at, double stride, double pixel) const;

 private:
  std::vector<BodyPart> parts_;
  double half_length_ = 0.0;
  uint64_t seed_ = 0;
};

// Part of a pixel that lies inside, for an edge at signed distance `distance` from its centre in
// pixels.
double coverage(double distance);

// One actor crossing the scene from border to border. Lengths are in units of 1/120 of the frame's
// height.
struct Crossing {
  Actor actor;
  double start = 0.0;      // frame at which its front touches the border
  double direction = 1.0;  // 1 to the right, -1 to the left
  double speed = 1.0;      // per frame
  double foot = 0.0;       // y of the ground below it
  double height = 1.0;
  double path = 0.0;        // length of the whole way, out of sight to out of sight
  double gait = 0.0;        // radians a unit of way
  double halt_after = 0.0;  // way to the halt
  double halt_frames = 0.0;
  double scene_width = 0.0;

  double duration() const { return path / speed + halt_frames; }
  double way(double frame) const;
  double x(double frame) const;
  bool visible(double frame) const;
};

// Ordered from far to near.
std::vector<Crossing> plan_traffic(const SynthOptions& options, double scene_width);

}  // namespace proxseg
