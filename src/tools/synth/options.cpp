#include "proxseg/tools/synth/options.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <string>
#include <vector>

#include "proxseg/core/error.h"

namespace proxseg {

void check_synth_options(const SynthOptions& options) {
  std::vector<std::string> problems;
  const auto check = [&problems](const char* name, auto value, auto low, auto high) {
    if (value >= low && value <= high) return;
    problems.push_back(fmt::format("{} is {} but must be {} to {}", name, value, low, high));
  };
  check("frames", options.frames, int64_t{1}, int64_t{999'999});
  check("width", options.width, int64_t{32}, int64_t{4096});
  check("height", options.height, int64_t{32}, int64_t{4096});
  check("objects", options.objects, int64_t{0}, int64_t{64});
  check("noise", options.noise, 0.0, 64.0);
  check("drift", options.drift, 0.0, 0.5);
  check("shake", options.shake, 0.0, 16.0);
  check("quality", options.quality, int64_t{0}, int64_t{100});
  if (options.stopping && options.objects < 1) {
    problems.emplace_back("stopping needs at least one object");
  }
  if (!problems.empty()) throw UsageError(fmt::format("{}", fmt::join(problems, "; ")));
}

}  // namespace proxseg
