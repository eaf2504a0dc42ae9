// What moves: cars and walkers, drawn from simple shapes in a frame of their own.
//
// Local coordinates: the origin is on the ground below the middle, p points where the actor goes, q
// upwards; the unit is the actor's height.
#pragma once

#include <cstdint>
#include <opencv2/core.hpp>
#include <vector>

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
  // Of no known kind: some rounded shapes of any colour about a point half a height above the ground.
  static Actor thing(Random& random);

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

}  // namespace proxseg
