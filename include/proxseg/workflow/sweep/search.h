// What a sweep tries: points in the space of the recipe's fields, from a grid, a list or a random
// search.
#pragma once

#include <cstdint>
#include <string>
#include <variant>
#include <vector>

#include "proxseg/recipe/fields.h"

namespace proxseg {

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

// How many points expand() gives, before equal ones are joined; at most kMaxPoints + 1.
inline constexpr int64_t kMaxPoints = 100000;
int64_t count_points(const Search& search);

// search: of at most kMaxPoints points.
std::vector<Point> expand(const Search& search);

}  // namespace proxseg
