// Work cut into contiguous ranges whose number depends on its size alone, so that sums over them
// give the same bits for any number of threads.
#pragma once

#include <functional>

#include "core/torch.h"

namespace proxseg {

struct Range {
  int64_t begin;
  int64_t size;
};

// Number of ranges that [0, size) is cut into: 1 on a GPU, which splits the work itself.
int64_t count_ranges(const torch::Device& device, int64_t size);

// Calls body(i, range) for each of the count_ranges() ranges, in parallel on the CPU. Within body
// nothing is recorded for autograd and autocast is off: both are settings of a thread that ATen's
// workers do not inherit.
void for_each_range(const torch::Device& device, int64_t size,
                    const std::function<void(int64_t, Range)>& body);

// Sum of value(part) over the ranges of x's first dimension, in a fixed order.
double sum_over_ranges(const torch::Tensor& x,
                       const std::function<double(const torch::Tensor&)>& value);

}  // namespace proxseg
