// Threads and memory of all numerical libraries.
#pragma once

#include "proxseg/recipe/recipe.h"

namespace proxseg::cli {

// OpenMP's threads wait by spinning unless told otherwise, which makes a step several times slower
// as soon as anything else wants a core; without spinning, small networks take twice as long, for
// it takes time to wake a thread. A tenth of a millisecond is the middle way. OpenMP reads its
// environment when it is loaded, so this starts the program anew with GOMP_SPINCOUNT set, where
// neither that nor OMP_WAIT_POLICY is. Where that cannot be done, it returns. words: of main().
void restart_with_short_spins(char** words);

// Sets threads and allocator once a command knows its recipe. Throws Error with ExitCode::kMemory
// where the limit on address space is too low for the libraries.
void start_libraries(const Recipe& recipe);

}  // namespace proxseg::cli
