#include "scene/picture.h"

#include <algorithm>
#include <cmath>
#include <opencv2/imgproc.hpp>
#include <vector>

#include "proxseg/media/transform.h"

namespace proxseg {
namespace {

constexpr int kPictureParts = 4;  // of the picture, along each side

// Mean differences of each row from the one above: 64FC1, one column.
cv::Mat row_differences(const cv::Mat& image) {
  cv::Mat difference, means;
  cv::absdiff(image.rowRange(1, image.rows), image.rowRange(0, image.rows - 1), difference);
  cv::reduce(difference.reshape(1), means, 1, cv::REDUCE_AVG, CV_64F);
  return means;
}

}  // namespace

cv::Mat texture_of(const cv::Mat& image, int side) {
  cv::Mat values, smooth;
  to_gray(image).convertTo(values, CV_32F);
  cv::blur(values, smooth, {side, side});
  return values - smooth;
}

double share_of(const cv::Mat& mask) {
  return static_cast<double>(cv::countNonZero(mask)) / static_cast<double>(mask.total());
}

bool is_almost_everywhere(const cv::Mat& mask, double least) {
  int parts = 0;
  for (int y = 0; y < kPictureParts; ++y) {
    for (int x = 0; x < kPictureParts; ++x) {
      const cv::Range rows(y * mask.rows / kPictureParts, (y + 1) * mask.rows / kPictureParts);
      const cv::Range columns(x * mask.cols / kPictureParts, (x + 1) * mask.cols / kPictureParts);
      if (rows.empty() || columns.empty()) continue;
      parts += share_of(mask(rows, columns)) > least ? 1 : 0;
    }
  }
  return 2 * parts > kPictureParts * kPictureParts;
}

double share_of_components(const cv::Mat& off, const cv::Mat& mask) {
  cv::Mat labels, stats, centroids;
  const int count = cv::connectedComponentsWithStats(off | mask, labels, stats, centroids, 8);
  std::vector<bool> is_touched(static_cast<size_t>(count));
  for (int y = 0; y < mask.rows; ++y) {
    for (int x = 0; x < mask.cols; ++x) {
      if (mask.at<uchar>(y, x) != 0) is_touched[static_cast<size_t>(labels.at<int>(y, x))] = true;
    }
  }
  double area = 0.0;
  for (int i = 1; i < count; ++i) {
    if (is_touched[static_cast<size_t>(i)]) area += stats.at<int>(i, cv::CC_STAT_AREA);
  }
  return area / static_cast<double>(mask.total());
}

bool shows_same_texture(const cv::Mat& a, const cv::Mat& b, const cv::Mat& mask) {
  constexpr double kLeastTexture = 2.5;  // grey levels, the standard deviation
  constexpr int kSmooth = 11;            // pixels
  const cv::Mat x = texture_of(a, kSmooth), y = texture_of(b, kSmooth);
  const double xx = cv::mean(x.mul(x), mask)[0], yy = cv::mean(y.mul(y), mask)[0];
  if (std::sqrt(std::min(xx, yy)) < kLeastTexture) return false;
  return cv::mean(x.mul(y), mask)[0] > kSameTexture * std::sqrt(xx * yy);
}

double saturation_of(const cv::Mat& image) {
  if (image.channels() == 1) return 0.0;
  std::vector<cv::Mat> channels;
  cv::split(image, channels);
  const cv::Mat most = cv::max(channels[0], cv::max(channels[1], channels[2]));
  const cv::Mat least = cv::min(channels[0], cv::min(channels[1], channels[2]));
  return cv::mean(most - least)[0];
}

int rows_above_smear(const cv::Mat& frame, const cv::Mat& background) {
  constexpr double kFlat = 0.5, kLeastStructure = 1.5, kLeastPart = 0.08;
  if (frame.rows < 16 || background.rows != frame.rows) return frame.rows;
  const cv::Mat differences = row_differences(frame);
  int whole = frame.rows;
  while (whole > 1 && differences.at<double>(whole - 2) < kFlat) --whole;
  if (frame.rows - whole < kLeastPart * frame.rows) return frame.rows;
  const cv::Mat usual = row_differences(background).rowRange(whole - 1, differences.rows);
  return cv::mean(usual)[0] > kLeastStructure ? whole : frame.rows;
}

}  // namespace proxseg
