#include "workflow/log_scale.h"

#include <algorithm>
#include <cmath>

namespace proxseg {

bool suits_log_scale(std::vector<double> values) {
  if (values.size() < 2) return false;
  std::ranges::sort(values);
  const double low = values.front(), high = values.back();
  if (low <= 0.0) return false;
  const double median = (values[(values.size() - 1) / 2] + values[values.size() / 2]) / 2.0;
  return high >= 9.99 * low &&
         std::abs(median - std::sqrt(low * high)) < std::abs(median - (low + high) / 2.0);
}

}  // namespace proxseg
