#include <gtest/gtest.h>

#include "proxseg/tools/bench.h"

namespace proxseg {
namespace {

// Frames that are decoded at half their size where masks are all that is wanted.
TEST(Benchmark, MeasuresNetworksAndMethodsOnFramesThatAreMadeSmaller) {
  BenchmarkOptions options;
  options.recipes = {"fast"};
  options.baselines = {"mog2"};
  options.sizes = {{640, 480}};
  options.frames = 12;
  options.threads = 2;
  const Benchmark benchmark = run_benchmark(options, [](const std::string&) {});
  ASSERT_EQ(benchmark.inference.size(), 2U);
  for (const InferenceRate& rate : benchmark.inference) {
    EXPECT_EQ(rate.size, cv::Size(640, 480));
    EXPECT_GT(rate.frames_per_second, 0.0) << rate.method;
    EXPECT_GT(rate.end_to_end, 0.0) << rate.method;
  }
}

}  // namespace
}  // namespace proxseg
