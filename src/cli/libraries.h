// Threads and memory of all numerical libraries, once a command knows its recipe.
#pragma once

#include "proxseg/recipe/recipe.h"

namespace proxseg::cli {

// OpenMP's threads wait by spinning unless told otherwise, which makes a step several times slower
// as soon as anything else wants a core; without spinning, small networks take twice as long, for
// it takes time to wake a thread. A tenth of a millisecond is the middle way. OpenMP reads its
// environment when it is loaded, so this starts the process anew with GOMP_SPINCOUNT set, where
// neither that nor OMP_WAIT_POLICY is: call it before anything is written.
void wait_briefly();

// wait_briefly(), then sets threads and allocator.
void start_libraries(const Recipe& recipe);

}  // namespace proxseg::cli
