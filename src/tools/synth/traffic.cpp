#include "tools/synth/traffic.h"

#include <algorithm>

namespace proxseg {
namespace {

Crossing car_crossing(Random& random, bool near_lane) {
  Crossing crossing{Actor::car(random)};
  crossing.direction = near_lane ? 1.0 : -1.0;
  crossing.foot = (near_lane ? 99.0 : 80.0) + random.uniform(-2.0, 2.0);
  crossing.height = 12.5 + 0.24 * (crossing.foot - 80.0) + random.uniform(-0.8, 0.8);
  crossing.speed = random.uniform(1.5, 3.0);
  return crossing;
}

Crossing walker_crossing(Random& random, bool near_pavement) {
  Crossing crossing{Actor::walker(random)};
  crossing.direction = random.coin() ? 1.0 : -1.0;
  crossing.foot = near_pavement ? random.uniform(109.0, 117.0) : random.uniform(57.0, 64.0);
  crossing.height = 18.0 + 0.2 * (crossing.foot - 60.0) + random.uniform(-1.0, 1.0);
  crossing.speed = random.uniform(0.5, 1.0);
  crossing.gait = 9.0 / crossing.height;
  return crossing;
}

// Odd slots walk, even ones drive; neighbours of a kind take different sides of the street.
Crossing next_crossing(Random& random, int64_t slot, double scene_width) {
  const bool near_side = slot / 2 % 2 == 1;
  Crossing crossing =
      slot % 2 == 0 ? car_crossing(random, near_side) : walker_crossing(random, near_side);
  crossing.scene_width = scene_width;
  crossing.path = scene_width + 2.0 * crossing.actor.half_length() * crossing.height;
  return crossing;
}

}  // namespace

double Crossing::way(double frame) const {
  const double elapsed = frame - start;
  const double until_halt = halt_after / speed;
  if (elapsed <= until_halt) return speed * elapsed;
  return std::max(halt_after, speed * (elapsed - halt_frames));
}

double Crossing::x(double frame) const {
  const double from_border = way(frame) - actor.half_length() * height;
  return direction > 0.0 ? from_border : scene_width - from_border;
}

bool Crossing::visible(double frame) const {
  // The shadow of an actor that has left may still be seen.
  return frame >= start - height && frame <= start + duration() + height;
}

std::vector<Crossing> plan_traffic(const SynthOptions& options, double scene_width) {
  std::vector<Crossing> crossings;
  for (int64_t slot = 0; slot < options.objects; ++slot) {
    Random random(options.seed, 1000 + static_cast<uint64_t>(slot));
    bool first = true;
    for (double time = 0.0; time < static_cast<double>(options.frames);) {
      Crossing crossing = next_crossing(random, slot, scene_width);
      const double head_start = random.uniform(0.0, 0.8) * crossing.duration();
      if (first && slot == 0 && options.stopping) {
        crossing.halt_after = random.uniform(0.45, 0.65) * crossing.path;
        crossing.halt_frames = 0.4 * static_cast<double>(options.frames);
      } else if (first) {
        time -= head_start;
      }
      first = false;
      crossing.start = time;
      time += crossing.duration() + random.uniform(5.0, 30.0);
      crossings.push_back(std::move(crossing));
    }
  }
  std::stable_sort(crossings.begin(), crossings.end(),
                   [](const Crossing& a, const Crossing& b) { return a.foot < b.foot; });
  return crossings;
}

}  // namespace proxseg
