// The median.
#pragma once

#include <algorithm>
#include <vector>

namespace proxseg {

// values: at least one. Of an even number the mean of the two in the middle.
inline double median_of(std::vector<double> values) {
  std::ranges::sort(values);
  return (values[(values.size() - 1) / 2] + values[values.size() / 2]) / 2.0;
}

}  // namespace proxseg
