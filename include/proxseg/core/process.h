// Threads and memory of the process.
#pragma once

#include <sys/types.h>

#include <cstdint>
#include <optional>
#include <string>

namespace proxseg {

// Cores that this process may run on.
int64_t available_cores();

// The number of threads that a recipe's `threads` stands for. 0 means OMP_NUM_THREADS, which
// schedulers and torchrun set, or available_cores() if it is not set.
int64_t threads_meant_by(int64_t threads);

// ATen and oneDNN get threads_meant_by(threads), the BLAS gets one: the priors split their work
// over ATen's threads themselves, and OpenBLAS threads poorly over the long side of frames x
// pixels. Call once, before any tensor is made.
void configure_threads(int64_t threads);

// How many threads ATen uses for what this thread, not the first one of the process, computes.
void set_threads_of_this_thread(int64_t threads);

// "OpenBLAS 0.3.21 ..." as the library describes itself, or "unknown".
std::string blas_description();

// The CPU multiplies bfloat16 faster than float32: by a matrix unit (AMX), or by AVX512-BF16, which Intel's
// processors run at half the rate of float32's instructions.
bool cpu_gains_by_bfloat16();

struct ProcessStatus {
  char state = 0;     // 'R', 'S', ..., 'Z' for a zombie
  int64_t start = 0;  // clock ticks since the machine's own
};

// Nothing where there is no such process.
std::optional<ProcessStatus> status_of(pid_t process);

// Keeps large freed blocks in the process for the next request. Every training step asks for the
// same sizes, and fresh pages from the system cost it a sixth of its time. Peak memory does not
// change. Works with glibc only; elsewhere nothing happens. Call once, at start.
void keep_freed_memory();

// Throws Error with ExitCode::kMemory if the address space is limited (ulimit -v) to less than the
// numerical libraries need for that many threads: they hang or crash when an allocation fails inside
// a parallel region.
void expect_address_space(int64_t threads);

// Returns all free memory to the system, after work whose memory is not needed again.
void release_freed_memory();

}  // namespace proxseg
