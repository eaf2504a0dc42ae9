// A sweep file: JSON with comments, read as recipes are. docs/sweeps.md is its manual.
//   base     the recipe that every trial starts from: a built-in name or a file; else default
//   inputs   sequences: paths, or globs of them, relative to the file
//   set      fields with the same value in every trial
//   and one of grid, list, random and halving
#pragma once

#include <cstdint>
#include <optional>
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
};

// Points drawn at random. The same seed gives the same points on every machine, and a larger number
// of trials begins with the same ones. Real numbers are rounded to four significant digits.
struct RandomSearch {
  int64_t trials = 0;
  uint64_t seed = 1;
  std::vector<Distribution> distributions;
};

using Search = std::variant<Grid, std::vector<Point>, RandomSearch>;

// How many points expand() gives; at most kMaxPoints + 1.
inline constexpr int64_t kMaxPoints = 100000;
int64_t count_points(const Search& search);

// search: of at most kMaxPoints points.
std::vector<Point> expand(const Search& search);

// ---- the file

// Successive halving (Jamieson and Talwalkar 2016): every configuration is trained for `steps`
// steps, then the best 1/factor of them for factor times as many, until one is left.
struct Halving {
  int64_t steps = 0;
  int64_t factor = 2;

  bool operator==(const Halving&) const = default;
};

struct SweepFile {
  struct Text {
    std::string text;
    std::string origin;  // "sweep.json:3"
  };
  Text base = {"default", ""};
  std::vector<Text> inputs;
  std::vector<Assignment> set;
  Search search;
  std::optional<Halving> halving;
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
