// When values are looked at by their logarithms.
#pragma once

#include <vector>

namespace proxseg {

// Whether values are spread over powers of ten, as where they were drawn log-uniformly: over one at
// least, with their median nearer to the geometric middle than to the arithmetic one. False for fewer
// than two, and where one is not above 0.
bool suits_log_scale(const std::vector<double>& values);

}  // namespace proxseg
