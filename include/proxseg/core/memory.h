// The memory of the process.
#pragma once

#include <cstdint>

namespace proxseg {

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
