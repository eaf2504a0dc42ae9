// Of every benchmark here: threads and memory as the program takes them.
#include <benchmark/benchmark.h>

#include "proxseg/core/process.h"

int main(int argc, char** argv) {
  proxseg::keep_freed_memory();
  proxseg::configure_threads(0);
  benchmark::Initialize(&argc, argv);
  if (benchmark::ReportUnrecognizedArguments(argc, argv)) return 2;
  benchmark::RunSpecifiedBenchmarks();
  return 0;
}
