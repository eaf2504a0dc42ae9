// Threads and memory of all numerical libraries, once a command knows its recipe.
#pragma once

#include "proxseg/config/recipe.h"

namespace proxseg::cli {

void start_libraries(const Recipe& recipe);

}  // namespace proxseg::cli
