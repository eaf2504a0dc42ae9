#include <sys/resource.h>
#include <unistd.h>

#include <algorithm>
#include <cstdio>

#include "proxseg/core/error.h"
#include "proxseg/core/process.h"

namespace proxseg::cli {
int main(int argc, char** argv);  // main.cpp

namespace {

// Before main() and before any library starts: where the address space is limited (ulimit -v) to
// less than it needs, OpenBLAS asks for memory for ever as it is loaded, and others abort. What
// the work itself needs is asked later, see expect_address_space().
void expect_space_for_libraries() {
  constexpr double kMiB = 1 << 20, kLibraries = 1024 * kMiB, kCore = 80 * kMiB;
  rlimit limit{};
  if (::getrlimit(RLIMIT_AS, &limit) != 0 || limit.rlim_cur == RLIM_INFINITY) return;
  const auto cores = available_cores();
  const double needed = kLibraries + static_cast<double>(cores) * kCore;
  const auto allowed = static_cast<double>(limit.rlim_cur);
  if (allowed >= needed) return;
  char text[256];
  const int length = std::snprintf(
      text, sizeof(text),
      "proxseg: error: the address space of this process is limited to %.0f MB, but its libraries "
      "need %.0f MB on %d cores\n  Raise the limit (ulimit -v).\n",
      allowed / 1e6, needed / 1e6, static_cast<int>(cores));
  [[maybe_unused]] const auto written =
      ::write(STDERR_FILENO, text, static_cast<size_t>(std::max(0, length)));
  ::_exit(static_cast<int>(ExitCode::kMemory));
}

[[gnu::section(".preinit_array"),
  gnu::used]] void (*const kBeforeLibraries)() = expect_space_for_libraries;

}  // namespace
}  // namespace proxseg::cli

int main(int argc, char** argv) { return proxseg::cli::main(argc, argv); }
