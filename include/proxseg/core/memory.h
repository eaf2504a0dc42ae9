// The allocator of the process.
#pragma once

namespace proxseg {

// Large blocks that are freed stay with the process and serve the next request, instead of going
// back to the system, whose cleared pages cost a training step a sixth of its time: every step asks
// for the same sizes anew. Peak memory stays as it is. For glibc; elsewhere nothing happens. Call
// once, at start.
void keep_freed_memory();

// Gives back what is free now all the same: behind work that needed much and will not come again.
void release_freed_memory();

}  // namespace proxseg
