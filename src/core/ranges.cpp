#include "core/ranges.h"

#include <ATen/Parallel.h>
#include <c10/core/InferenceMode.h>

#include <algorithm>
#include <vector>

namespace proxseg {

int64_t count_ranges(const torch::Device& device, int64_t size) {
  constexpr int64_t kMost = 32;
  return std::min(size, device.is_cpu() ? kMost : 1);
}

void for_each_range(const torch::Device& device, int64_t size,
                    const std::function<void(int64_t, Range)>& body) {
  const int64_t count = count_ranges(device, size);
  at::parallel_for(0, count, 1, [&](int64_t first, int64_t last) {
    const c10::InferenceMode no_autograd;
    const c10::impl::ExcludeDispatchKeyGuard no_autocast(c10::autocast_dispatch_keyset);
    for (int64_t i = first; i < last; ++i) {
      const int64_t begin = size * i / count;
      body(i, {begin, size * (i + 1) / count - begin});
    }
  });
}

double sum_over_ranges(const torch::Tensor& x,
                       const std::function<double(const torch::Tensor&)>& value) {
  std::vector<double> parts(count_ranges(x.device(), x.size(0)));
  for_each_range(x.device(), x.size(0), [&](int64_t i, Range range) {
    parts[i] = value(x.narrow(0, range.begin, range.size));
  });
  double sum = 0;
  for (const double part : parts) sum += part;
  return sum;
}

}  // namespace proxseg
