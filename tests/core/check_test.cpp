#include "proxseg/core/check.h"

#include "support/expect_error.h"

namespace proxseg {
namespace {

TEST(ExpectTensor, AcceptsTheShapeInBothPrecisions) {
  EXPECT_NO_THROW(expect_tensor(torch::zeros({2, 3, 4, 5}), {"N", 3, "H", "W"}, "frames"));
  EXPECT_NO_THROW(expect_tensor(torch::zeros({0, 3}, torch::kFloat64), {"N", 3}, "rows"));
}

TEST(ExpectTensor, EqualLettersAreEqualSizes) {
  EXPECT_NO_THROW(expect_tensor(torch::zeros({3, 3}), {"N", "N"}, "gram"));
  expect_error(ExitCode::kUsage, {"gram", "[N, N]", "[3, 4]"}, [] {
    expect_tensor(torch::zeros({3, 4}), {"N", "N"}, "gram");
  });
}

TEST(ExpectTensor, AcceptsBfloat16WhereItIsTold) {
  const auto x = torch::zeros({2, 3}, torch::kBFloat16);
  EXPECT_NO_THROW(expect_tensor(x, {"N", 3}, "x", /*or_bfloat16=*/true));
  expect_error(ExitCode::kUsage, {"x", "BFloat16"}, [&] { expect_tensor(x, {"N", 3}, "x"); });
}

TEST(ExpectTensor, NamesTheArgumentWhatItMustBeAndWhatItIs) {
  expect_error(ExitCode::kUsage, {"frames", "[N, 3, H, W]", "[2, 1, 4, 5]", "Float"}, [] {
    expect_tensor(torch::zeros({2, 1, 4, 5}), {"N", 3, "H", "W"}, "frames");
  });
}

TEST(ExpectTensor, RefusesOtherDtypesDimensionsAndNothing) {
  expect_error(ExitCode::kUsage, {"x", "Byte"}, [] {
    expect_tensor(torch::zeros({2, 3}, torch::kUInt8), {"N", "P"}, "x");
  });
  expect_error(ExitCode::kUsage, {"x", "[N, P]", "[6]"}, [] {
    expect_tensor(torch::zeros({6}), {"N", "P"}, "x");
  });
  expect_error(ExitCode::kUsage, {"x", "undefined"}, [] {
    expect_tensor(torch::Tensor(), {"N", "P"}, "x");
  });
}

TEST(ExpectValue, SaysNameValueAndRule) {
  EXPECT_NO_THROW(expect_value(true, "knee", 1.0, "> 0"));
  expect_error(ExitCode::kUsage, {"knee = -1", "must be > 0"},
               [] { expect_value(false, "knee", -1.0, "> 0"); });
}

}  // namespace
}  // namespace proxseg
