#include "proxseg/core/memory.h"

#include <fmt/format.h>
#include <sys/resource.h>

#include <cstdlib>
#ifdef __GLIBC__
#include <malloc.h>

#include <limits>
#endif

#include "proxseg/core/error.h"

namespace proxseg {

void keep_freed_memory() {
#ifdef __GLIBC__
  constexpr int kLargest = std::numeric_limits<int>::max();
  ::mallopt(M_MMAP_THRESHOLD, 1 << 30);
  ::mallopt(M_TRIM_THRESHOLD, kLargest);
#endif
}

void expect_address_space(int64_t threads) {
  constexpr double kMiB = 1 << 20;
  // Code and data of the libraries, what training or segmenting a small video takes, and for each
  // thread its stack and its share of the allocator. All as addresses: most are never used.
  constexpr double kLibraries = 2048 * kMiB, kThread = 80 * kMiB;
  rlimit limit{};
  if (::getrlimit(RLIMIT_AS, &limit) != 0 || limit.rlim_cur == RLIM_INFINITY) return;
  const double needed = kLibraries + static_cast<double>(threads) * kThread;
  const auto allowed = static_cast<double>(limit.rlim_cur);
  if (allowed >= needed) return;
  throw Error(ExitCode::kMemory,
              fmt::format("the address space of this process is limited to {:.0f} MB, but {} "
                          "threads need {:.0f} MB",
                          allowed / 1e6, threads, needed / 1e6),
              "Raise the limit (ulimit -v) or lower --threads.");
}

void release_freed_memory() {
#ifdef __GLIBC__
  ::malloc_trim(0);
#endif
}

}  // namespace proxseg
