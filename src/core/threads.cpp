#include "proxseg/core/threads.h"

#include <ATen/Parallel.h>
#include <dlfcn.h>
#include <sched.h>

#include <algorithm>

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

void configure_threads(int64_t threads) {
  at::set_num_threads(static_cast<int>(threads > 0 ? threads : available_cores()));
  at::set_num_interop_threads(1);
  if (auto* set_blas_threads = find_symbol<void(int)>("openblas_set_num_threads")) {
    set_blas_threads(1);
  }
}

std::string blas_description() {
  auto* describe = find_symbol<char*()>("openblas_get_config");
  return describe ? describe() : "unknown";
}

bool cpu_has_bfloat16() {
#if defined(__x86_64__)
  return __builtin_cpu_supports("avx512bf16");
#else
  return false;
#endif
}

}  // namespace proxseg
