#include "proxseg/core/clock.h"

#include <fmt/chrono.h>
#include <fmt/format.h>

#include <thread>

namespace proxseg {

bool pause_for(double seconds, const std::function<bool()>& is_over) {
  const SteadyTime since = steady_now();
  while (!is_over() && seconds_between(since, steady_now()) < seconds) {
    std::this_thread::sleep_for(std::chrono::milliseconds(50));
  }
  return !is_over();
}

std::string utc_time(std::chrono::system_clock::time_point time) {
  const auto milliseconds =
      std::chrono::duration_cast<std::chrono::milliseconds>(time.time_since_epoch()).count();
  return fmt::format("{:%Y-%m-%dT%H:%M:%S}.{:03}Z",
                     fmt::gmtime(static_cast<std::time_t>(milliseconds / 1000)),
                     milliseconds % 1000);
}

}  // namespace proxseg
