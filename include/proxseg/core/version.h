// Which proxseg this is.
#pragma once

#include <string>

namespace proxseg {

// "0.2.0"
std::string version();

// The commit that it was built from, with "-dirty" appended where the sources have changed since;
// "" where that is not known.
std::string commit();

}  // namespace proxseg
