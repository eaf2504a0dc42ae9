// The loop of the benchmarks here.
#pragma once

#include <benchmark/benchmark.h>

namespace proxseg {

template <typename Function>
void measure(benchmark::State& state, const Function& function) {
  for (auto _ : state) benchmark::DoNotOptimize(function());
}

}  // namespace proxseg
