// Work that takes long, as commands show it.
#pragma once

#include "proxseg/workflow/pipeline.h"

namespace proxseg::cli {

// Progress on stderr, Ctrl-C, threads by the recipe. The last line of progress ends with the last
// copy of these: let them go before anything else is printed.
WorkCallbacks work_callbacks();

}  // namespace proxseg::cli
