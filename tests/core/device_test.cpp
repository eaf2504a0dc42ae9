#include "proxseg/core/device.h"

#include <ATen/Context.h>
#include <ATen/Parallel.h>

#include "proxseg/core/process.h"
#include "support/cuda.h"
#include "support/expect_error.h"

namespace proxseg {
namespace {

TEST(ParseDevice, KnowsTheCpu) { EXPECT_TRUE(parse_device("cpu").is_cpu()); }

TEST(ParseDevice, RefusesNamesThatAreNoDevice) {
  for (const char* name : {"", "CPU", "gpu", "cuda:", "cuda:-1", "cuda:x", "cuda:1.5", "cuda:12345",
                           "cpu:0", "cuda :0", "xla", "mps "}) {
    expect_error(ExitCode::kUsage, {"device '" + std::string(name) + "'"},
                 [&] { parse_device(name); });
  }
}

TEST(ParseDevice, SaysThatThereIsNoCuda) {
  if (at::hasCUDA()) GTEST_SKIP() << "this machine has a CUDA device";
  expect_error(ExitCode::kUsage, {"cuda:1", "sees no CUDA device"}, [] { parse_device("cuda:1"); });
}

TEST(Cuda, RefusesGpusThatAreNotThere) {
  SKIP_WITHOUT_CUDA();
  EXPECT_TRUE(parse_device("cuda:0").is_cuda());
  expect_error(ExitCode::kUsage, {"cuda:127", "GPU"}, [] { parse_device("cuda:127"); });
}

TEST(Autocast, GuardsNest) {
  const auto weights = torch::ones({2});
  const AutocastGuard outer(torch::kCPU, true);
  {
    const AutocastGuard inner(torch::kCPU, true);
    EXPECT_EQ(computing_type(weights), torch::kBFloat16);
  }
  EXPECT_EQ(computing_type(weights), torch::kBFloat16);
}

TEST(Upload, CopiesNothingToTheCpu) {
  const auto x = torch::ones({2, 3});
  EXPECT_TRUE(upload(x, torch::kCPU).is_same(x));
}

TEST(Cuda, UploadsAnyLayout) {
  SKIP_WITHOUT_CUDA();
  for (const auto& x : {torch::rand({2, 3, 4}).permute({2, 0, 1}), torch::rand({0, 3})}) {
    const auto y = upload(x, torch::kCUDA);
    EXPECT_TRUE(y.is_cuda());
    EXPECT_TRUE(torch::equal(y.cpu(), x));
  }
}

// Each copy is whole before it is computed with, and its memory is not reused before that.
TEST(Cuda, ComputesWithWhatWasUploadedMeanwhile) {
  SKIP_WITHOUT_CUDA();
  constexpr int64_t kSize = 2048;
  constexpr int kUploads = 50;
  auto busy = torch::ones({kSize, kSize}, torch::kCUDA) / kSize;
  auto sums = torch::zeros({kSize, kSize}, torch::kCUDA);
  for (int i = 0; i < kUploads; ++i) {
    busy = busy.mm(busy);
    sums += upload(torch::full({kSize, kSize}, static_cast<float>(i)), torch::kCUDA);
  }
  EXPECT_TRUE(torch::all(sums == kUploads * (kUploads - 1) / 2).item<bool>());
}

TEST(Autocast, RunsConvolutionsInBfloat16OnlyWhileItLives) {
  const auto x = torch::ones({1, 4, 8, 8}), weight = torch::ones({4, 4, 3, 3});
  {
    AutocastGuard guard(torch::kCPU, true);
    EXPECT_EQ(torch::conv2d(x, weight).scalar_type(), torch::kBFloat16);
    EXPECT_EQ(computing_type(weight), torch::kBFloat16);
  }
  EXPECT_EQ(torch::conv2d(x, weight).scalar_type(), torch::kFloat32);
  EXPECT_EQ(computing_type(weight), torch::kFloat32);
  AutocastGuard disabled(torch::kCPU, false);
  EXPECT_EQ(torch::conv2d(x, weight).scalar_type(), torch::kFloat32);
}

TEST(Threads, AtenGetsAsManyAsAsked) {
  configure_threads(1);
  EXPECT_EQ(at::get_num_threads(), 1);
  EXPECT_GE(available_cores(), 1);
}

TEST(Threads, ZeroMeansThoseOfTheEnvironment) {
  ::setenv("OMP_NUM_THREADS", "3,2", 1);
  EXPECT_EQ(threads_meant_by(0), 3);
  EXPECT_EQ(threads_meant_by(5), 5);
  for (const char* nonsense : {"", "0", "-4", "many"}) {
    ::setenv("OMP_NUM_THREADS", nonsense, 1);
    EXPECT_EQ(threads_meant_by(0), available_cores()) << nonsense;
  }
  ::unsetenv("OMP_NUM_THREADS");
  EXPECT_EQ(threads_meant_by(0), available_cores());
}

}  // namespace
}  // namespace proxseg
