// Timing of repeatable calls, and the matrix that priors are timed on.
#pragma once

#include <ATen/CPUGeneratorImpl.h>
#include <torch/types.h>

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <utility>
#include <vector>

#include "proxseg/core/statistics.h"

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
  return upper_median(std::move(times));
}

// A static background of varying brightness with noise of about one grey level: [frames, pixels].
inline torch::Tensor video_matrix(int64_t frames, int64_t pixels) {
  const auto generator = at::detail::createCPUGenerator(/*seed_val=*/1);
  return (torch::rand({frames, 1}, generator) * 0.2 + 0.9) * torch::rand({1, pixels}, generator) +
         0.004 * torch::randn({frames, pixels}, generator);
}

}  // namespace proxseg
