// Who moves where and when.
#pragma once

#include <opencv2/core.hpp>
#include <vector>

#include "proxseg/tools/synth.h"
#include "tools/synth/actor.h"

namespace proxseg {

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
