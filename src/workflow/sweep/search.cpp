#include "proxseg/workflow/sweep/sweep_file.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <random>

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

double rounded(double value) { return parse_number<double>(fmt::format("{:.4g}", value)).value(); }

std::vector<Point> expand_random(const RandomSearch& search, int64_t trials) {
  std::mt19937_64 random(search.seed);
  std::vector<Point> points;
  for (int64_t i = 0; i < trials; ++i) {
    Point& point = points.emplace_back();
    for (const Distribution& from : search.distributions) {
      const double u = uniform(random);
      if (is_active(from, point)) point.push_back({from.field, value_at(from, u), from.origin});
    }
  }
  return points;
}

double number_of(const FieldValue& value) {
  const auto* integer = std::get_if<int64_t>(&value);
  return integer ? static_cast<double>(*integer) : std::get<double>(value);
}

}  // namespace

double uniform(std::mt19937_64& random) { return static_cast<double>(random() >> 11) * 0x1p-53; }

bool is_active(const Distribution& distribution, const Point& point) {
  if (!distribution.condition) return true;
  const auto given = std::ranges::find(point, distribution.condition->field, &Assignment::field);
  return given != point.end() && std::ranges::find(distribution.condition->values, given->value) !=
                                     distribution.condition->values.end();
}

FieldValue value_at(const Distribution& from, double u) {
  u = std::clamp(u, 0.0, 1.0 - 0x1p-53);
  double value = from.low + u * (from.high - from.low);
  switch (from.kind) {
    case Distribution::Kind::kChoice:
      return from.choices[static_cast<size_t>(u * static_cast<double>(from.choices.size()))];
    case Distribution::Kind::kInteger:
      value = std::floor(from.low + u * (from.high - from.low + 1.0));
      return static_cast<int64_t>(std::min(value, from.high));
    case Distribution::Kind::kLogUniform:
      value = from.low * std::pow(from.high / from.low, u);
      break;
    case Distribution::Kind::kUniform:
      break;
  }
  if (from.field->type == FieldType::kInteger) return static_cast<int64_t>(std::llround(value));
  return std::clamp(rounded(value), from.low, from.high);
}

std::optional<double> place_of(const Distribution& from, const FieldValue& value) {
  if (from.kind == Distribution::Kind::kChoice) {
    const auto found = std::ranges::find(from.choices, value);
    if (found == from.choices.end()) return std::nullopt;
    const auto index = static_cast<double>(found - from.choices.begin());
    return (index + 0.5) / static_cast<double>(from.choices.size());
  }
  const double x = number_of(value);
  if (x < from.low || x > from.high) return std::nullopt;
  if (from.low == from.high) return 0.5;
  if (from.kind == Distribution::Kind::kInteger) {
    return (x - from.low + 0.5) / (from.high - from.low + 1.0);
  }
  const bool is_log = from.kind == Distribution::Kind::kLogUniform;
  return is_log ? std::log(x / from.low) / std::log(from.high / from.low)
                : (x - from.low) / (from.high - from.low);
}

RandomSearch* space_of(Search& search) {
  if (auto* tpe = std::get_if<TpeSearch>(&search)) return &tpe->space;
  return std::get_if<RandomSearch>(&search);
}

int64_t count_points(const Search& search) {
  if (const auto* list = std::get_if<std::vector<Point>>(&search)) {
    return static_cast<int64_t>(list->size());
  }
  if (const auto* random = std::get_if<RandomSearch>(&search)) return random->trials;
  if (const auto* tpe = std::get_if<TpeSearch>(&search)) return tpe->space.trials;
  int64_t count = 1;
  for (const Axis& axis : std::get<Grid>(search).axes) {
    count = std::min(count * static_cast<int64_t>(axis.values.size()), kMaxPoints + 1);
  }
  return count;
}

std::vector<Point> expand(const Search& search) {
  if (const auto* grid = std::get_if<Grid>(&search)) return expand_grid(*grid);
  if (const auto* random = std::get_if<RandomSearch>(&search)) {
    return expand_random(*random, random->trials);
  }
  if (const auto* tpe = std::get_if<TpeSearch>(&search)) {
    const int64_t most = tpe->earlier.empty() ? TpeSearch::kRandom : 0;
    return expand_random(tpe->space, std::min(most, tpe->space.trials));
  }
  return std::get<std::vector<Point>>(search);
}

}  // namespace proxseg
