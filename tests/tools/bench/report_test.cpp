#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "proxseg/tools/bench.h"

namespace proxseg {
namespace {

Benchmark example() {
  Benchmark benchmark;
  benchmark.limits = {200.0, 400.0, 20.0};
  benchmark.priors = {{50, 76800, 0.020, 0.025, 0.400, 1e-6, 1e-2, 0.010}};
  benchmark.training = {{"default", {320, 240}, 4.0}};
  InferenceRate network;
  network.method = "default";
  network.size = {320, 240};
  network.precision = Precision::kBFloat16;
  network.batch = 4;
  network.frames_per_second = 100.0;
  network.end_to_end = 80.0;
  network.network = 300.0;
  InferenceRate baseline;
  baseline.method = "knn";
  baseline.size = {320, 240};
  baseline.frames_per_second = 354.0;
  benchmark.inference = {network, baseline};
  return benchmark;
}

TEST(BenchmarkReport, GivesRatiosToTheMachinesLimits) {
  const std::string text = to_text(example());
  EXPECT_NE(text.find("20.0 x faster than svdvals"), std::string::npos) << text;
  EXPECT_NE(text.find("2.0 x two copies and a product"), std::string::npos) << text;
  EXPECT_NE(text.find("2.5 x two copies and a product"), std::string::npos) << text;
  EXPECT_NE(text.find("error 1e-06 (svdvals 1e-02)"), std::string::npos) << text;
  EXPECT_NE(text.find("75%"), std::string::npos) << "300 of 400 GFLOP/s in bf16\n" << text;
}

TEST(BenchmarkReport, LeavesABaselineWithoutPrecisionAndEfficiency) {
  const std::string text = to_text(example());
  const std::string row = text.substr(text.find("knn"));
  EXPECT_EQ(row.find('%'), std::string::npos) << row;
  EXPECT_EQ(row.find("fp32"), std::string::npos) << row;
}

TEST(BenchmarkReport, IsTheSameDataAsJson) {
  const auto json = nlohmann::json::parse(to_json(example()));
  EXPECT_EQ(json["machine"]["convolution_bf16_gflops"], 400.0);
  EXPECT_EQ(json["nuclear"][0]["svdvals_seconds"], 0.4);
  EXPECT_EQ(json["nuclear"][0]["with_l1_and_tv_seconds"], 0.025);
  EXPECT_EQ(json["training"][0]["steps_per_second"], 4.0);
  ASSERT_EQ(json["segmenting"].size(), 2U);
  EXPECT_EQ(json["segmenting"][0]["precision"], "bf16");
  EXPECT_DOUBLE_EQ(json["segmenting"][0]["megapixels_per_second"], 7.68);
  EXPECT_EQ(json["segmenting"][1]["end_to_end_frames_per_second"], 0.0);
}

}  // namespace
}  // namespace proxseg
