// Medians and quantiles of values in memory: at least one.
#pragma once

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <utility>
#include <vector>

namespace proxseg {

// The one at that place where they are sorted.
template <typename Value>
Value nth_value(std::vector<Value> values, size_t place) {
  const auto at = values.begin() + static_cast<std::ptrdiff_t>(place);
  std::nth_element(values.begin(), at, values.end());
  return *at;
}

// The q-quantile, the lower one between two. q: in [0, 1].
template <typename Value>
Value quantile(std::vector<Value> values, double q) {
  const auto place = static_cast<size_t>(q * static_cast<double>(values.size() - 1));
  return nth_value(std::move(values), place);
}

// The median, the upper one of an even number.
template <typename Value>
Value upper_median(std::vector<Value> values) {
  const size_t place = values.size() / 2;
  return nth_value(std::move(values), place);
}

// The median, of an even number the mean of the two in the middle.
inline double median_of(const std::vector<double>& values) {
  return (quantile(values, 0.5) + upper_median(values)) / 2.0;
}

// Whether values are spread over powers of ten, as where they were drawn log-uniformly: over one at
// least, with their median nearer to the geometric middle than to the arithmetic one. False for fewer
// than two, and where one is not above 0.
inline bool suits_log_scale(const std::vector<double>& values) {
  if (values.size() < 2) return false;
  const auto [low, high] = std::ranges::minmax(values);
  if (low <= 0.0) return false;
  const double median = median_of(values);
  return high >= 9.99 * low &&
         std::abs(median - std::sqrt(low * high)) < std::abs(median - (low + high) / 2.0);
}

}  // namespace proxseg
