#include "proxseg/scene/tensors.h"

#include "support/expect_error.h"

namespace proxseg {
namespace {

TEST(Tensors, KeepChannelsRowsAndColumnsApart) {
  cv::Mat image(2, 3, CV_8UC3, cv::Scalar(0, 0, 0));
  image.at<cv::Vec3b>(1, 2) = {10, 20, 30};
  const auto x = to_tensor({cv::Mat::zeros(2, 3, CV_8UC3), image});
  ASSERT_EQ(x.sizes(), torch::IntArrayRef({2, 3, 2, 3}));
  EXPECT_EQ(x[1][0][1][2].item<int>(), 10);
  EXPECT_EQ(x[1][2][1][2].item<int>(), 30);
  EXPECT_EQ(x.sum().item<int>(), 60);
}

TEST(Tensors, RoundTripThroughTheUnitRange) {
  for (const int type : {CV_8UC1, CV_8UC3}) {
    cv::Mat image(5, 4, type);
    cv::RNG(1).fill(image, cv::RNG::UNIFORM, 0, 256);
    const auto unit = to_unit_range(to_tensor({image}));
    EXPECT_EQ(unit.scalar_type(), torch::kFloat32);
    EXPECT_EQ(cv::norm(to_image(unit[0]), image, cv::NORM_INF), 0.0);
  }
}

TEST(Tensors, ReadPartsOfLargerImages) {
  cv::Mat image(6, 6, CV_8UC1);
  cv::RNG(1).fill(image, cv::RNG::UNIFORM, 0, 256);
  const cv::Mat part = image(cv::Rect(1, 2, 3, 4));
  EXPECT_EQ(cv::norm(to_image(to_unit_range(to_tensor({part}))[0]), part, cv::NORM_INF), 0.0);
}

TEST(Tensors, ClampWhatIsOutOfRange) {
  const cv::Mat image = to_image(torch::tensor({-0.5F, 0.5F, 1.5F}).view({1, 1, 3}));
  EXPECT_EQ(image.at<uchar>(0, 0), 0);
  EXPECT_EQ(image.at<uchar>(0, 1), 128);
  EXPECT_EQ(image.at<uchar>(0, 2), 255);
}

TEST(Tensors, RefuseUnequalImages) {
  expect_error(ExitCode::kUsage, {"at least one"}, [] { to_tensor({}); });
  expect_error(ExitCode::kUsage, {"of one size and type"}, [] {
    to_tensor({cv::Mat(2, 2, CV_8UC1), cv::Mat(2, 2, CV_8UC3)});
  });
}

}  // namespace
}  // namespace proxseg
