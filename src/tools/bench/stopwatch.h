// Timing of things that can be done again.
#pragma once

#include <algorithm>
#include <chrono>
#include <vector>

namespace proxseg {

template <typename Function>
double seconds_of(const Function& function) {
  const auto start = std::chrono::steady_clock::now();
  function();
  return std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
}

// Median time of a call: after one that does not count, at least three calls and half a second.
template <typename Function>
double seconds_per_call(const Function& function) {
  constexpr double kLeastSeconds = 0.5;
  constexpr size_t kLeastCalls = 3;
  function();
  std::vector<double> times;
  for (double total = 0.0; total < kLeastSeconds || times.size() < kLeastCalls;) {
    times.push_back(seconds_of(function));
    total += times.back();
  }
  const auto middle = times.begin() + static_cast<std::ptrdiff_t>(times.size() / 2);
  std::nth_element(times.begin(), middle, times.end());
  return *middle;
}

}  // namespace proxseg
