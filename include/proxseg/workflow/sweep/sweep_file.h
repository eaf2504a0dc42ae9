// A sweep file: JSON with comments, read as recipes are. docs/sweeps.md is its manual.
//   base     the recipe that every trial starts from: a built-in name or a file; else default
//   inputs   sequences: paths, or globs of them, relative to the file
//   set      fields with the same value in every trial
//   and one of grid, list, random and halving
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "proxseg/workflow/sweep/search.h"

namespace proxseg {

// Successive halving (Jamieson and Talwalkar 2016): every configuration is trained for `steps`
// steps, the best 1/factor of them go on to factor times as many, until one is left.
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

// A file that was read as far as it could be.
struct SweepReading {
  SweepFile file;
  std::vector<std::string> problems;  // "sweep.json:7: grid: ..."
};

// Throws ConfigError where the file cannot be read at all. Everything that is wrong in it becomes a
// problem: syntax, unknown keys with the nearest known one, values that their field refuses.
SweepReading read_sweep_file(const std::string& path);

}  // namespace proxseg
