#include "fuzz/write_bytes.h"
#include "proxseg/core/error.h"
#include "proxseg/core/temporary_folder.h"
#include "proxseg/workflow/sweep/sweep_file.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using namespace proxseg;
  static const TemporaryFolder folder;
  const std::string path = folder / "sweep.json";
  write_bytes(path, data, size);
  try {
    const SweepReading reading = read_sweep_file(path);
    constexpr int64_t kFew = 1000;
    const int64_t count = count_points(reading.file.search);
    if (!reading.problems.empty() || count > kFew) return 0;
    // What was accepted stands for that many points.
    if (static_cast<int64_t>(expand(reading.file.search).size()) != count) __builtin_trap();
  } catch (const ConfigError&) {
  }
  return 0;
}
