#include "proxseg/scene/background.h"

#include <algorithm>
#include <cmath>
#include <opencv2/imgproc.hpp>

#include "support/expect_error.h"

namespace proxseg {
namespace {

std::vector<cv::Mat> random_images(size_t count, int type, cv::Size size = {17, 13}) {
  cv::RNG random(3);
  std::vector<cv::Mat> images;
  for (size_t i = 0; i < count; ++i) {
    images.emplace_back(size, type);
    random.fill(images.back(), cv::RNG::UNIFORM, 0, 256);
  }
  return images;
}

// Masks that cover about so large a part of each image.
std::vector<cv::Mat> random_masks(size_t count, double part, cv::Size size = {17, 13}) {
  std::vector<cv::Mat> masks = random_images(count, CV_8UC1, size);
  for (cv::Mat& mask : masks) mask = mask < 256 * part;
  return masks;
}

uchar byte_at(const cv::Mat& image, int y, int x, int c) {
  return image.ptr(y)[x * image.channels() + c];
}

// The images whose mask is 0 at the pixel; none where they are fewer than least.
std::vector<cv::Mat> uncovered(const std::vector<cv::Mat>& images,
                               const std::vector<cv::Mat>& covered, int y, int x, size_t least) {
  std::vector<cv::Mat> shown;
  for (size_t i = 0; i < images.size(); ++i) {
    if (covered[i].at<uchar>(y, x) == 0) shown.push_back(images[i]);
  }
  if (shown.size() < least) shown.clear();
  return shown;
}

uchar middle(const std::vector<cv::Mat>& images, int y, int x, int c) {
  std::vector<uchar> values;
  for (const cv::Mat& image : images) values.push_back(byte_at(image, y, x, c));
  std::sort(values.begin(), values.end());
  return values[values.size() / 2];
}

TEST(TemporalMedian, IsTheMiddleOfTheSortedValues) {
  for (const int type : {CV_8UC1, CV_8UC3}) {
    for (const size_t count : {1U, 2U, 5U, 8U, 300U}) {
      const auto images = random_images(count, type);
      const cv::Mat median = temporal_median(images);
      ASSERT_EQ(median.type(), type);
      for (const auto& [y, x] : {std::pair{0, 0}, {12, 16}, {5, 9}}) {
        for (int c = 0; c < median.channels(); ++c) {
          EXPECT_EQ(byte_at(median, y, x, c), middle(images, y, x, c));
        }
      }
    }
  }
}

TEST(TemporalMedian, IgnoresAnObjectThatPasses) {
  std::vector<cv::Mat> images(9);
  for (int i = 0; i < 9; ++i) {
    images[static_cast<size_t>(i)] = cv::Mat(8, 90, CV_8UC1, cv::Scalar(100));
    images[static_cast<size_t>(i)].colRange(i * 10, i * 10 + 20 > 90 ? 90 : i * 10 + 20) = 255;
  }
  EXPECT_EQ(cv::countNonZero(temporal_median(images) != 100), 0);
}

TEST(TemporalMedian, RefusesUnequalImages) {
  expect_error(ExitCode::kUsage, {"at least one"}, [] { temporal_median({}); });
  const cv::Mat a(4, 4, CV_8UC1), b(4, 5, CV_8UC1), c(4, 4, CV_8UC3), d(4, 4, CV_32FC1);
  for (const cv::Mat& other : {b, c, d}) {
    expect_error(ExitCode::kUsage, {"of one size and type"}, [&] { temporal_median({a, other}); });
  }
}

TEST(MaskedMedian, IsTheMiddleOfWhatIsUncovered) {
  // Of 9 images three must be left, of 100 a twentieth, which about a fifth of the pixels lack.
  for (const auto& [count, part, least] : {std::tuple{9U, 0.5, 3U}, {100U, 0.94, 5U}}) {
    const auto images = random_images(count, CV_8UC3);
    const auto covered = random_masks(count, part);
    const cv::Mat median = temporal_median(images, covered);
    int too_few = 0;
    for (int y = 0; y < median.rows; ++y) {
      for (int x = 0; x < median.cols; ++x) {
        const auto shown = uncovered(images, covered, y, x, least);
        if (shown.empty()) ++too_few;
        for (int c = 0; c < 3; ++c) {
          EXPECT_EQ(byte_at(median, y, x, c), middle(shown.empty() ? images : shown, y, x, c));
        }
      }
    }
    EXPECT_GT(too_few, 0) << "the case is not in the example";
    EXPECT_LT(too_few, median.rows * median.cols / 2);
  }
}

TEST(MaskedMedian, FallsBackToAllImagesWhereFewerThanThreeAreLeft) {
  std::vector<cv::Mat> images, covered;
  for (const int value : {10, 20, 200, 210, 220, 230}) {
    images.emplace_back(1, 2, CV_8UC1, cv::Scalar(value));
    covered.push_back((cv::Mat_<uchar>(1, 2) << 255, 255));
  }
  covered[0] = covered[1] = cv::Mat::zeros(1, 2, CV_8UC1);
  covered[2].at<uchar>(0, 1) = 0;
  const cv::Mat median = temporal_median(images, covered);
  EXPECT_EQ(median.at<uchar>(0, 0), 210) << "of all six";
  EXPECT_EQ(median.at<uchar>(0, 1), 20) << "of 10, 20 and 200";
}

TEST(MaskedMedian, StretchesSmallerMasks) {
  const auto images = random_images(9, CV_8UC1, {12, 10});
  const auto small = random_masks(9, 0.4, {3, 2});
  std::vector<cv::Mat> large(9);
  for (size_t i = 0; i < 9; ++i) cv::resize(small[i], large[i], {12, 10}, 0, 0, cv::INTER_NEAREST);
  const cv::Mat median = temporal_median(images, small);
  EXPECT_EQ(cv::norm(median, temporal_median(images, large), cv::NORM_INF), 0);
  EXPECT_GT(cv::norm(median, temporal_median(images), cv::NORM_INF), 0);
}

std::vector<cv::Mat> nothing_covered(size_t count) {
  return std::vector<cv::Mat>(count, cv::Mat::zeros(1, 1, CV_8UC1));
}

// images[i] is 100 + offsets[i] everywhere.
std::vector<cv::Mat> offset_images(const std::vector<cv::Scalar>& offsets, int type) {
  std::vector<cv::Mat> images;
  for (const cv::Scalar& offset : offsets) {
    images.emplace_back(16, 20, type, cv::Scalar::all(100) + offset);
  }
  return images;
}

void expect_constant(const cv::Mat& noise, double value) {
  EXPECT_EQ(noise.type(), CV_32FC1);
  EXPECT_LT(cv::norm(noise, cv::Mat(noise.size(), CV_32FC1, cv::Scalar(value)), cv::NORM_INF),
            1e-6);
}

TEST(TemporalNoise, IsTheNinetiethPercentileOfTheDistance) {
  std::vector<cv::Scalar> offsets;
  for (int i = 0; i < 20; ++i) offsets.emplace_back(i % 2 == 0 ? i : -i);
  const cv::Mat background(16, 20, CV_8UC1, cv::Scalar(100));
  expect_constant(temporal_noise(offset_images(offsets, CV_8UC1), nothing_covered(20), background),
                  18.0 / 255.0);
}

TEST(TemporalNoise, IsTheRootMeanSquareOverChannels) {
  const std::vector<cv::Scalar> offsets(4, cv::Scalar(2, -4, 4));
  const cv::Mat background(16, 20, CV_8UC3, cv::Scalar::all(100));
  expect_constant(temporal_noise(offset_images(offsets, CV_8UC3), nothing_covered(4), background),
                  std::sqrt(36.0 / 3.0) / 255.0);
}

TEST(TemporalNoise, ReachesFromBlackToWhite) {
  const std::vector<cv::Mat> images(5, cv::Mat(8, 9, CV_8UC3, cv::Scalar::all(255)));
  expect_constant(temporal_noise(images, nothing_covered(5), cv::Mat::zeros(8, 9, CV_8UC3)), 1.0);
}

TEST(TemporalNoise, IsZeroForIdenticalImages) {
  const std::vector<cv::Mat> images(5, random_images(1, CV_8UC3).front());
  expect_constant(temporal_noise(images, nothing_covered(5), images[0]), 0.0);
}

TEST(TemporalNoise, IsSmoothedAfterThePercentileIsTaken) {
  const auto images = random_images(30, CV_8UC3);
  const auto covered = random_masks(30, 0.9);
  const cv::Mat background = temporal_median(images);
  cv::Mat expected = cv::Mat::zeros(background.size(), CV_32FC1);
  for (int y = 0; y < background.rows; ++y) {
    for (int x = 0; x < background.cols; ++x) {
      std::vector<double> distances;
      for (const cv::Mat& image : uncovered(images, covered, y, x, 3)) {
        distances.push_back(
            cv::norm(image.at<cv::Vec3b>(y, x), background.at<cv::Vec3b>(y, x), cv::NORM_L2) /
            std::sqrt(3.0) / 255.0);
      }
      std::sort(distances.begin(), distances.end());
      const size_t place = distances.size() * 9 / 10;
      if (!distances.empty()) expected.at<float>(y, x) = static_cast<float>(distances[place]);
    }
  }
  cv::GaussianBlur(expected, expected, {}, 2.0);
  EXPECT_LT(cv::norm(temporal_noise(images, covered, background), expected, cv::NORM_INF), 1e-5);
}

TEST(TemporalNoise, IsLargerWhereARegionFlickers) {
  auto images = offset_images(std::vector<cv::Scalar>(30), CV_8UC1);
  for (size_t i = 0; i < images.size(); i += 2) images[i].colRange(10, 20) += cv::Scalar(40);
  const cv::Mat noise = temporal_noise(images, nothing_covered(30), temporal_median(images));
  EXPECT_NEAR(noise.at<float>(8, 0), 0.0, 1e-6);
  EXPECT_NEAR(noise.at<float>(8, 19), 40.0 / 255.0, 1e-6);
}

TEST(TemporalNoise, CountsNothingThatIsCovered) {
  auto images = offset_images(std::vector<cv::Scalar>(6, cv::Scalar(5)), CV_8UC1);
  auto covered = nothing_covered(6);
  const cv::Mat background(16, 20, CV_8UC1, cv::Scalar(100));
  for (size_t i = 0; i < 3; ++i) {
    images[i].setTo(250);
    covered[i] = cv::Mat(1, 1, CV_8UC1, cv::Scalar(255));
  }
  expect_constant(temporal_noise(images, covered, background), 5.0 / 255.0);
  covered[3] = covered[0];
  expect_constant(temporal_noise(images, covered, background), 0.0);
}

}  // namespace
}  // namespace proxseg
