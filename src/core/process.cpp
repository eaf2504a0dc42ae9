#include "proxseg/core/process.h"

#include <ATen/Parallel.h>
#include <dlfcn.h>
#include <fmt/format.h>
#include <sched.h>
#include <sys/resource.h>

#include <algorithm>
#include <cstdlib>
#include <fstream>
#include <iterator>
#include <sstream>
#ifdef __GLIBC__
#include <malloc.h>

#include <limits>
#endif

#include "proxseg/core/error.h"

namespace proxseg {
namespace {

// Symbols of whichever BLAS the distribution's alternatives point to; null where it is not
// OpenBLAS.
template <typename Function>
Function* find_symbol(const char* name) {
  return reinterpret_cast<Function*>(::dlsym(RTLD_DEFAULT, name));
}

}  // namespace

int64_t available_cores() {
  cpu_set_t set;
  CPU_ZERO(&set);
  if (::sched_getaffinity(0, sizeof(set), &set) != 0) return 1;
  return std::max(1, CPU_COUNT(&set));
}

int64_t threads_meant_by(int64_t threads) {
  if (threads > 0) return threads;
  constexpr int64_t kMost = 1024;
  // A list of numbers is for nested parallel regions: the first is the outermost one's.
  const char* variable = std::getenv("OMP_NUM_THREADS");
  const int64_t wanted = variable ? std::strtoll(variable, nullptr, 10) : 0;
  return wanted > 0 ? std::min(wanted, kMost) : available_cores();
}

void configure_threads(int64_t threads) {
  at::set_num_threads(static_cast<int>(threads_meant_by(threads)));
  at::set_num_interop_threads(1);
  if (auto* set_blas_threads = find_symbol<void(int)>("openblas_set_num_threads")) {
    set_blas_threads(1);
  }
}

void set_threads_of_this_thread(int64_t threads) { at::set_num_threads(static_cast<int>(threads)); }

std::string blas_description() {
  auto* describe = find_symbol<char*()>("openblas_get_config");
  return describe ? describe() : "unknown";
}

namespace {

// What the kernel says of the first processor, with a blank after each word: also of what not every compiler knows.
std::string first_processor() {
  std::ifstream stream("/proc/cpuinfo");
  std::string words;
  for (std::string line; std::getline(stream, line) && !line.empty();) words += line + ' ';
  return words;
}

}  // namespace

bool cpu_gains_by_bfloat16() {
  static const std::string processor = first_processor();
  const auto has = [](const char* word) { return processor.find(word) != std::string::npos; };
  return has(" amx_bf16 ") || (has(" avx512_bf16 ") && !has("GenuineIntel"));
}

std::optional<ProcessStatus> status_of(pid_t process) {
  std::ifstream stream(fmt::format("/proc/{}/stat", process));
  const std::string text(std::istreambuf_iterator<char>(stream), {});
  // "PID (NAME) STATE ..."; the name may hold anything. The start is the 22nd word.
  const size_t name_end = text.rfind(')');
  if (name_end == std::string::npos) return std::nullopt;
  std::istringstream words(text.substr(name_end + 1));
  ProcessStatus status;
  words >> status.state;
  std::string other;
  for (int i = 4; i < 22; ++i) words >> other;
  words >> status.start;
  return status;
}

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
