// Time that passes, by a clock that does not run back, and the time of day.
#pragma once

#include <chrono>
#include <functional>
#include <string>

namespace proxseg {

using SteadyTime = std::chrono::steady_clock::time_point;

inline SteadyTime steady_now() { return std::chrono::steady_clock::now(); }

inline double seconds_between(SteadyTime from, SteadyTime to) {
  return std::chrono::duration<double>(to - from).count();
}

// When that was, by the clock on the wall.
inline std::chrono::system_clock::time_point system_time_of(SteadyTime time) {
  const auto ago =
      std::chrono::duration_cast<std::chrono::system_clock::duration>(steady_now() - time);
  return std::chrono::system_clock::now() - ago;
}

// Waits. False where it is over before; that is asked each 50 ms.
bool pause_for(double seconds, const std::function<bool()>& is_over);

// "2026-01-31T12:00:00.000Z"
std::string utc_time(std::chrono::system_clock::time_point time = std::chrono::system_clock::now());

}  // namespace proxseg
