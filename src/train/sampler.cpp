#include "proxseg/train/sampler.h"

#include <algorithm>
#include <numeric>
#include <random>

namespace proxseg {

std::vector<int64_t> sample_batch(Sampling sampling, int64_t frames, int64_t batch, uint64_t seed,
                                  int64_t step) {
  const auto stream = static_cast<uint64_t>(sampling == Sampling::kFixed ? 0 : step);
  std::seed_seq mixed{static_cast<uint32_t>(seed), static_cast<uint32_t>(seed >> 32),
                      static_cast<uint32_t>(stream), static_cast<uint32_t>(stream >> 32)};
  std::mt19937_64 random(mixed);

  std::vector<int64_t> order(static_cast<size_t>(frames));
  std::iota(order.begin(), order.end(), 0);
  const int64_t count = std::min(batch, frames);
  // Fisher-Yates, as far as needed. The modulo's bias is below 2^-40 for any clip that fits in
  // memory.
  for (int64_t i = 0; i < count; ++i) {
    const auto j = i + static_cast<int64_t>(random() % static_cast<uint64_t>(frames - i));
    std::swap(order[static_cast<size_t>(i)], order[static_cast<size_t>(j)]);
  }
  order.resize(static_cast<size_t>(count));
  std::sort(order.begin(), order.end());
  return order;
}

}  // namespace proxseg
