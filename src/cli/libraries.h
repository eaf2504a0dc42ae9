// Threads and memory of all numerical libraries, once a command knows its recipe.
#pragma once

#include "proxseg/config/recipe.h"

namespace proxseg::cli {

// May start the process anew with the same arguments: call it before anything is written.
void start_libraries(const Recipe& recipe);

}  // namespace proxseg::cli
