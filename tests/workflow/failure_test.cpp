#include "proxseg/workflow/failure.h"

#include <gtest/gtest.h>
#include <torch/torch.h>

#include <new>
#include <opencv2/core.hpp>

namespace proxseg {
namespace {

template <typename Step>
ExitCode code_of(const Step& step) {
  try {
    step();
  } catch (...) {
    return current_failure().code;
  }
  return ExitCode::kOk;
}

TEST(CurrentFailure, IsOfMemoryWhicheverLibraryLacksIt) {
  [[maybe_unused]] constexpr int64_t kTooMuch = int64_t{1} << 55;  // more than any address space
  EXPECT_EQ(code_of([] { throw std::bad_alloc(); }), ExitCode::kMemory);
#if !defined(__SANITIZE_ADDRESS__) && !defined(__SANITIZE_THREAD__)  // which end the process there
  EXPECT_EQ(code_of([] { torch::empty({kTooMuch}, torch::kUInt8); }), ExitCode::kMemory);
#endif
  EXPECT_EQ(code_of([] { CV_Error(cv::Error::StsNoMem, "none left"); }), ExitCode::kMemory);
}

TEST(CurrentFailure, IsAFaultOtherwise) {
  EXPECT_EQ(code_of([] { torch::ones({2}) + torch::ones({3}); }), ExitCode::kInternal);
  EXPECT_EQ(code_of([] { throw std::runtime_error("odd"); }), ExitCode::kInternal);
}

}  // namespace
}  // namespace proxseg
