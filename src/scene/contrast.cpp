#include "scene/contrast.h"

#include <algorithm>
#include <cmath>
#include <numeric>
#include <opencv2/imgproc.hpp>

namespace proxseg {
namespace {

// The root mean square over channels of a - b: 8UC1.
cv::Mat distance_of(const cv::Mat& a, const cv::Mat& b) {
  cv::Mat distance(a.size(), CV_8UC1);
  const int channels = a.channels();
  for (int y = 0; y < a.rows; ++y) {
    const uchar *of_a = a.ptr(y), *of_b = b.ptr(y);
    for (int x = 0; x < a.cols; ++x) {
      int squares = 0;
      for (int c = 0; c < channels; ++c, ++of_a, ++of_b)
        squares += (*of_a - *of_b) * (*of_a - *of_b);
      distance.ptr(y)[x] = cv::saturate_cast<uchar>(std::sqrt(squares / channels));
    }
  }
  return distance;
}

}  // namespace

// By a histogram.
double contrast_of_objects(const std::vector<cv::Mat>& images, const cv::Mat& background,
                           const cv::Mat& limit) {
  constexpr size_t kUsual = 64;
  constexpr double kShareOfUsual = 1.0 / 2000.0;
  std::vector<double> counts(256);
  cv::Mat limits, coherent;
  limit.convertTo(limits, CV_8U, 255.0);
  for (const cv::Mat& image : images) {
    const cv::Mat distance = distance_of(image, background);
    cv::medianBlur(distance > limits, coherent, 5);
    for (int y = 0; y < distance.rows; ++y) {
      for (int x = 0; x < distance.cols; ++x) {
        counts[distance.ptr(y)[x]] += coherent.ptr(y)[x] == 0 ? 0.0 : 1.0;
      }
    }
  }
  counts[kUsual] += kShareOfUsual * static_cast<double>(images.size() * background.total());
  double left = 0.5 * std::accumulate(counts.begin(), counts.end(), 0.0);
  size_t level = 0;
  while (level < 255 && (left -= counts[level]) > 0.0) ++level;
  return static_cast<double>(std::max<size_t>(level, 1)) / 255.0;
}

}  // namespace proxseg
