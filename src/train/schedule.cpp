#include "proxseg/train/schedule.h"

#include <algorithm>
#include <cmath>
#include <numbers>

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

}  // namespace proxseg
