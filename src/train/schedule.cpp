#include "proxseg/train/schedule.h"

#include <algorithm>
#include <cmath>
#include <numbers>
#include <numeric>
#include <random>
#include <utility>

namespace proxseg {
namespace {

double schedule_factor(const TrainOptions& options, int64_t step) {
  switch (options.schedule) {
    case Schedule::kConstant:
      return 1.0;
    case Schedule::kCosine: {
      const double progress =
          static_cast<double>(step) / static_cast<double>(std::max<int64_t>(options.steps, 1));
      return 0.5 * (1.0 + std::cos(std::numbers::pi * std::min(progress, 1.0)));
    }
    case Schedule::kStep: {
      const int64_t periods = step / options.schedule_period;
      return std::pow(0.1, static_cast<double>(periods));
    }
  }
  return 1.0;
}

enum class Purpose : uint32_t { kFrames, kWindow };

// Draws for different purposes are independent of each other.
std::mt19937_64 random_numbers(uint64_t seed, uint64_t step, Purpose purpose) {
  std::vector<uint32_t> words = {static_cast<uint32_t>(seed), static_cast<uint32_t>(seed >> 32),
                                 static_cast<uint32_t>(step), static_cast<uint32_t>(step >> 32)};
  if (purpose != Purpose::kFrames) words.push_back(static_cast<uint32_t>(purpose));
  std::seed_seq mixed(words.begin(), words.end());
  return std::mt19937_64(mixed);
}

// In [0, count). The modulo's bias is below 2^-40 for any clip that fits in memory.
int64_t below(int64_t count, std::mt19937_64& random) {
  return static_cast<int64_t>(random() % static_cast<uint64_t>(count));
}

}  // namespace

double learning_rate_at(const TrainOptions& options, int64_t step) {
  double warmup = 1.0;
  if (step < options.warmup) {
    warmup = static_cast<double>(step + 1) / static_cast<double>(options.warmup);
  }
  return options.learning_rate * warmup * schedule_factor(options, step);
}

bool is_at_half_size(const TrainOptions& options, int64_t step, int64_t side) {
  const double steps = options.half_size * static_cast<double>(options.steps);
  return static_cast<double>(step) < steps && side / 2 >= kLeastSide;
}

std::vector<int64_t> sample_batch(Sampling sampling, int64_t frames, int64_t batch, uint64_t seed,
                                  int64_t step) {
  const auto stream = static_cast<uint64_t>(sampling == Sampling::kFixed ? 0 : step);
  std::mt19937_64 random = random_numbers(seed, stream, Purpose::kFrames);

  std::vector<int64_t> order(static_cast<size_t>(frames));
  std::iota(order.begin(), order.end(), 0);
  const int64_t count = std::min(batch, frames);
  // Fisher-Yates, as far as needed.
  for (int64_t i = 0; i < count; ++i) {
    const auto j = i + below(frames - i, random);
    std::swap(order[static_cast<size_t>(i)], order[static_cast<size_t>(j)]);
  }
  order.resize(static_cast<size_t>(count));
  std::sort(order.begin(), order.end());
  return order;
}

Window sample_window(double share, int64_t height, int64_t width, uint64_t seed, int64_t step) {
  const auto side = [&](int64_t whole) {
    return static_cast<int64_t>(std::lround(share * static_cast<double>(whole)));
  };
  Window window = {0, 0, side(height), side(width)};
  if (std::min(window.height, window.width) < kLeastSide) return {0, 0, height, width};
  std::mt19937_64 random = random_numbers(seed, static_cast<uint64_t>(step), Purpose::kWindow);
  window.top = below(height - window.height + 1, random);
  window.left = below(width - window.width + 1, random);
  return window;
}

}  // namespace proxseg
