#include "proxseg/workflow/sweep/sweep_file.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <cmath>
#include <random>
#include <string>

#include "proxseg/core/text.h"

namespace proxseg {
namespace {

std::vector<Point> expand_grid(const Grid& grid) {
  std::vector<Point> points = {{}};
  for (const Axis& axis : grid.axes) {
    std::vector<Point> longer;
    for (const Point& point : points) {
      for (const FieldValue& value : axis.values) {
        longer.push_back(point);
        longer.back().push_back({axis.field, value, axis.origin});
      }
    }
    points = std::move(longer);
  }
  return points;
}

// In [0, 1). The standard fixes the generator's numbers, but not those of its distributions.
double uniform(std::mt19937_64& random) { return static_cast<double>(random() >> 11) * 0x1p-53; }

double rounded(double value) { return parse_number<double>(fmt::format("{:.4g}", value)).value(); }

FieldValue draw(const Distribution& from, std::mt19937_64& random) {
  const double u = uniform(random);
  double value = from.low + u * (from.high - from.low);
  switch (from.kind) {
    case Distribution::Kind::kChoice:
      return from.choices[static_cast<size_t>(u * static_cast<double>(from.choices.size()))];
    case Distribution::Kind::kInteger:
      return static_cast<int64_t>(std::floor(from.low + u * (from.high - from.low + 1.0)));
    case Distribution::Kind::kLogUniform:
      value = from.low * std::pow(from.high / from.low, u);
      break;
    case Distribution::Kind::kUniform:
      break;
  }
  if (from.field->type == FieldType::kInteger) return static_cast<int64_t>(std::llround(value));
  return std::clamp(rounded(value), from.low, from.high);
}

std::vector<Point> expand_random(const RandomSearch& search) {
  std::mt19937_64 random(search.seed);
  std::vector<Point> points;
  for (int64_t i = 0; i < search.trials; ++i) {
    Point point;
    for (const Distribution& from : search.distributions) {
      point.push_back({from.field, draw(from, random), from.origin});
    }
    points.push_back(std::move(point));
  }
  return points;
}

}  // namespace

int64_t count_points(const Search& search) {
  if (const auto* list = std::get_if<std::vector<Point>>(&search)) {
    return static_cast<int64_t>(list->size());
  }
  if (const auto* random = std::get_if<RandomSearch>(&search)) return random->trials;
  int64_t count = 1;
  for (const Axis& axis : std::get<Grid>(search).axes) {
    count = std::min(count * static_cast<int64_t>(axis.values.size()), kMaxPoints + 1);
  }
  return count;
}

std::vector<Point> expand(const Search& search) {
  if (const auto* grid = std::get_if<Grid>(&search)) return expand_grid(*grid);
  if (const auto* random = std::get_if<RandomSearch>(&search)) return expand_random(*random);
  return std::get<std::vector<Point>>(search);
}

}  // namespace proxseg
