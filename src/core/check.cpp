#include "proxseg/core/check.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <map>
#include <vector>

#include "proxseg/core/error.h"

namespace proxseg {
namespace {

std::string describe(const torch::Tensor& x) {
  if (!x.defined()) return "an undefined tensor";
  return fmt::format("[{}] {}", fmt::join(x.sizes().begin(), x.sizes().end(), ", "),
                     c10::toString(x.scalar_type()));
}

std::string describe(std::initializer_list<Dim> shape) {
  std::vector<std::string> dims;
  for (const Dim& dim : shape) {
    dims.push_back(dim.size == Dim::kAny ? dim.symbol : std::to_string(dim.size));
  }
  return fmt::format("[{}]", fmt::join(dims, ", "));
}

bool is_floating(const torch::Tensor& x) {
  return x.defined() && (x.scalar_type() == torch::kFloat32 || x.scalar_type() == torch::kFloat64);
}

bool is_bfloat16(const torch::Tensor& x) {
  return x.defined() && x.scalar_type() == torch::kBFloat16;
}

bool has_shape(const torch::Tensor& x, std::initializer_list<Dim> shape) {
  if (x.dim() != static_cast<int64_t>(shape.size())) return false;
  std::map<std::string, int64_t> letters;
  int64_t i = 0;
  for (const Dim& dim : shape) {
    const int64_t size = x.size(i++);
    const bool is_any = dim.size == Dim::kAny;
    if (size != (is_any ? letters.emplace(dim.symbol, size).first->second : dim.size)) return false;
  }
  return true;
}

}  // namespace

void expect_tensor(const torch::Tensor& x, std::initializer_list<Dim> shape, const char* name,
                   bool or_bfloat16) {
  const bool has_type = is_floating(x) || (or_bfloat16 && is_bfloat16(x));
  if (has_type && has_shape(x, shape)) return;
  const char* types = or_bfloat16 ? "float32, float64 or bfloat16" : "float32 or float64";
  throw UsageError(
      fmt::format("{}: expected {} of {}, got {}", name, describe(shape), types, describe(x)));
}

void expect_floating(const torch::Tensor& x, const char* name) {
  if (is_floating(x)) return;
  throw UsageError(fmt::format("{}: expected float32 or float64, got {}", name, describe(x)));
}

void expect_value(bool holds, const char* name, double value, const char* rule) {
  if (!holds) throw UsageError(fmt::format("{} = {}: must be {}", name, value, rule));
}

void expect_value(bool holds, const char* name, int64_t value, const char* rule) {
  if (!holds) throw UsageError(fmt::format("{} = {}: must be {}", name, value, rule));
}

}  // namespace proxseg
