// Which proxseg this is.
#pragma once

#include <string>

namespace proxseg {

// "0.1.0"
std::string version();

// The commit that it was built from, with "-dirty" behind it where the sources were changed since;
// "" where that is not known.
std::string commit();

}  // namespace proxseg
