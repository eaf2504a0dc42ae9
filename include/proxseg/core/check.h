// The one checker of tensor arguments. Its errors name the argument, what it must be and what it
// is.
#pragma once

#include <torch/types.h>

#include <initializer_list>
#include <string>

namespace proxseg {

// One dimension of an expected shape: a number, or a letter for any size, the same wherever the
// letter is.
struct Dim {
  Dim(int64_t exact) : size(exact) {}                      // NOLINT(google-explicit-constructor)
  Dim(int exact) : size(exact) {}                          // NOLINT(google-explicit-constructor)
  Dim(const char* letter) : size(kAny), symbol(letter) {}  // NOLINT(google-explicit-constructor)

  static constexpr int64_t kAny = -1;
  int64_t size;
  std::string symbol;
};

// Throws UsageError unless x is a defined float32 or float64 (or_bfloat16: or bfloat16) tensor of
// that shape.
// expect_tensor(frames, {"N", 3, "H", "W"}, "frames")
void expect_tensor(const torch::Tensor& x, std::initializer_list<Dim> shape, const char* name,
                   bool or_bfloat16 = false);

// The same for any shape.
void expect_floating(const torch::Tensor& x, const char* name);

// Throws UsageError "name = value: must be RULE" unless holds.
void expect_value(bool holds, const char* name, double value, const char* rule);
void expect_value(bool holds, const char* name, int64_t value, const char* rule);

}  // namespace proxseg
