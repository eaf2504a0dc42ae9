// Threads and memory of all numerical libraries, once a command knows its recipe.
#pragma once

#include "proxseg/config/recipe.h"

namespace proxseg::cli {

// OpenMP's threads wait by spinning unless told otherwise, which makes a step several times slower
// as soon as anything else wants a core. OpenMP reads its environment when it is loaded, so this
// starts the process anew with OMP_WAIT_POLICY set, where neither that nor GOMP_SPINCOUNT is: call
// it before anything is written.
void wait_without_spinning();

// wait_without_spinning(), then sets threads and allocator.
void start_libraries(const Recipe& recipe);

}  // namespace proxseg::cli
