// How fast the program is on this machine, compared with what the machine can do.
#pragma once

#include <cstdint>
#include <functional>
#include <opencv2/core.hpp>
#include <string>
#include <vector>

#include "proxseg/recipe/recipe.h"

namespace proxseg {

struct BenchmarkOptions {
  std::vector<std::string> recipes = {"default", "fast"};
  std::vector<std::string> baselines = {"knn", "mog2"};
  std::vector<cv::Size> sizes = {{320, 240}, {1280, 720}};
  std::vector<Precision> precisions = {Precision::kFloat32};
  std::vector<int64_t> batches = {4};
  int64_t threads = 0;         // as in a recipe
  std::string device = "cpu";  // of the recipes: as in one
  int64_t frames = 60;         // of the synthetic sequence that everything is measured on
};

// What the machine's arithmetic and memory allow with all threads: a 3 x 3 convolution of 64 to 64
// channels at 120 x 160 in channels-last memory, in 10^9 floating-point operations a second
// (a multiplication and an addition are two), and copying 64 MiB, in 10^9 bytes read and written a
// second. A yardstick, not a bound: a network's own convolutions may run faster than this one.
struct MachineLimits {
  double convolution = 0.0;
  double convolution_bf16 = 0.0;  // 0 where the CPU has no bfloat16
  double copy = 0.0;
};

// Value and gradient of the nuclear norm of frames x pixels, in seconds.
struct PriorTime {
  int64_t frames = 0;
  int64_t pixels = 0;
  double prior = 0.0;        // spectral_prior()
  double with_sparse = 0.0;  // spectral_prior() + l1_prior() + tv_prior()
  double by_svdvals = 0.0;   // autograd through torch::linalg_svdvals
  // Largest error of each gradient, over the largest entry, against the same in float64.
  double prior_error = 0.0;
  double svdvals_error = 0.0;
  // Copying the matrix twice and multiplying it by a frames x frames matrix once.
  double memory_limit = 0.0;
};

struct TrainingRate {
  std::string recipe;
  cv::Size size;  // of the frames; the network sees them at the recipe's input.scale
  double steps_per_second = 0.0;
};

struct InferenceRate {
  std::string method;  // a recipe or a baseline
  cv::Size size;
  Precision precision = Precision::kFloat32;
  int64_t batch = 1;
  double frames_per_second = 0.0;  // from frames in memory to masks in memory
  double end_to_end = 0.0;         // frames a second from JPEG files to PNG files
  // 10^9 operations a second of the network's forward pass alone; 0 for baselines.
  double network = 0.0;

  // 10^6 pixels a second.
  double megapixels_per_second() const { return frames_per_second * size.area() * 1e-6; }
};

struct Benchmark {
  std::string device = "cpu";  // of the networks; all else is the CPU's
  MachineLimits limits;
  std::vector<PriorTime> priors;
  std::vector<TrainingRate> training;
  std::vector<InferenceRate> inference;
};

MachineLimits measure_limits();
std::vector<PriorTime> measure_priors();

// Measures everything. announce is told what is measured next. Writes sequences and masks to a
// temporary folder. Throws ConfigError and UsageError for unknown names, UsageError for a device
// that is not there.
Benchmark run_benchmark(const BenchmarkOptions& options,
                        const std::function<void(const std::string&)>& announce);

std::string to_text(const Benchmark& benchmark);
std::string to_json(const Benchmark& benchmark);

}  // namespace proxseg
