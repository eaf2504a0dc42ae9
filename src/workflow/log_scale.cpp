#include "workflow/log_scale.h"

#include <algorithm>
#include <cmath>

#include "proxseg/core/statistics.h"

namespace proxseg {

bool suits_log_scale(const std::vector<double>& values) {
  if (values.size() < 2) return false;
  const auto [low, high] = std::ranges::minmax(values);
  if (low <= 0.0) return false;
  const double median = median_of(values);
  return high >= 9.99 * low &&
         std::abs(median - std::sqrt(low * high)) < std::abs(median - (low + high) / 2.0);
}

}  // namespace proxseg
