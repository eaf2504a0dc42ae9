// A sweep file: JSON with comments, read as recipes are. docs/sweeps.md is its manual.
//   base     the recipe that every trial starts from: a built-in name or a file; else default
//   inputs   sequences: paths, or globs of them, relative to the file
//   set      fields with the same value in every trial
//   seeds    repetitions of every configuration
//   budget   how long trials may be started
//   prune    when trials that do worse than others are given up
//   and one of grid, list, random, tpe and halving
#pragma once

#include <cstdint>
#include <optional>
#include <random>
#include <string>
#include <variant>
#include <vector>

#include "proxseg/recipe/fields.h"

namespace proxseg {

// ---- what a sweep tries: points in the space of recipe fields

// One field given a value.
struct Assignment {
  const Field* field;
  FieldValue value;    // of the field's type, and accepted by it
  std::string origin;  // "sweep.json:12"
};

// A point: the fields that the search varies, each with a value.
using Point = std::vector<Assignment>;

struct Axis {
  const Field* field;
  std::vector<FieldValue> values;  // at least one
  std::string origin;
};

// Every combination of the axes' values; the last axis varies fastest.
struct Grid {
  std::vector<Axis> axes;
};

// Holds where an earlier field of the point has one of these values.
struct Condition {
  const Field* field;
  std::vector<FieldValue> values;
};

struct Distribution {
  enum class Kind {
    kLogUniform,  // low > 0; rounded for an integer field
    kUniform,
    kInteger,
    kChoice
  };
  const Field* field;
  Kind kind = Kind::kUniform;
  double low = 0.0;  // both bounds are included
  double high = 0.0;
  std::vector<FieldValue> choices;  // kChoice only
  std::string origin;
  // Where it does not hold, the field keeps the value that it has without the search.
  std::optional<Condition> condition = std::nullopt;
};

// In [0, 1). The standard fixes the generator's numbers, but not those of its distributions.
double uniform(std::mt19937_64& random);

// Whether the distribution takes part in a point that begins like this.
bool is_active(const Distribution& distribution, const Point& point);

// The value at u in [0, 1), of which equal parts are equally probable; real numbers rounded to four
// significant digits.
FieldValue value_at(const Distribution& distribution, double u);

// The middle of the u that give this value; nothing where none does.
std::optional<double> place_of(const Distribution& distribution, const FieldValue& value);

// Points drawn at random. The same seed gives the same points on every machine, and a larger number
// of trials begins with the same ones.
struct RandomSearch {
  int64_t trials = 0;
  uint64_t seed = 1;
  std::vector<Distribution> distributions;
};

struct Text {
  std::string text;
  std::string origin;  // "sweep.json:3"
};

// Points that learn from the results of earlier ones, by a tree-structured Parzen estimator
// (workflow/sweep/tpe.h).
struct TpeSearch {
  RandomSearch space;
  std::vector<Text> earlier;  // folders of sweeps whose results count as well

  // Where nothing is known yet, the first ones are drawn at random.
  static constexpr int64_t kRandom = 5;
};

using Search = std::variant<Grid, std::vector<Point>, RandomSearch, TpeSearch>;

// What its values are drawn from; null for a grid and a list.
RandomSearch* space_of(Search& search);

// How many points a search tries; at most kMaxPoints + 1.
inline constexpr int64_t kMaxPoints = 100000;
int64_t count_points(const Search& search);

// The points that are known without any result. search: of at most kMaxPoints points.
std::vector<Point> expand(const Search& search);

// ---- the file

// Successive halving (Jamieson and Talwalkar 2016): every configuration is trained for `steps`
// steps, then the best 1/factor of them for factor times as many, until one is left.
struct Halving {
  int64_t steps = 0;
  int64_t factor = 2;

  bool operator==(const Halving&) const = default;
};

// Median stopping: at these steps of a trial the label-free score is measured, and where it is
// below the median of the scores that other trials on the sequence had there, the trial ends.
struct Pruning {
  int64_t every = 0;  // steps
  int64_t after = 4;  // as many other trials, at least, have a score there

  bool operator==(const Pruning&) const = default;
};

struct SweepFile {
  Text base = {"default", ""};
  std::vector<Text> inputs;
  std::vector<Assignment> set;
  Search search;
  std::optional<Halving> halving;
  std::vector<Assignment> seeds;
  std::optional<double> budget;  // seconds
  std::optional<Pruning> pruning;
};

// A file as far as it could be read.
struct SweepReading {
  SweepFile file;
  std::vector<std::string> problems;  // "sweep.json:7: grid: ..."
};

// Throws ConfigError if the file cannot be read at all. Everything wrong in it becomes a problem:
// syntax, unknown keys with the nearest known one, values that their field refuses.
SweepReading read_sweep_file(const std::string& path);

}  // namespace proxseg
