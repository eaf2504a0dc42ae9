#include "proxseg/scene/background.h"

#include <algorithm>
#include <cmath>
#include <numeric>
#include <opencv2/core/utility.hpp>
#include <opencv2/imgproc.hpp>

#include "proxseg/core/error.h"

namespace proxseg {
namespace {

// The images that show the background at a pixel. Masks may be smaller than the images.
class Uncovered {
 public:
  Uncovered(const std::vector<cv::Mat>& covered, cv::Size size)
      : covered_(covered), size_(size), least_(std::max<size_t>(3, covered.size() / 20)) {}

  // Indices of the images, none where they are too few.
  void find(int y, int x, std::vector<size_t>& indices) const {
    indices.clear();
    for (size_t i = 0; i < covered_.size(); ++i) {
      const cv::Mat& mask = covered_[i];
      if (mask.ptr(y * mask.rows / size_.height)[x * mask.cols / size_.width] == 0) {
        indices.push_back(i);
      }
    }
    if (indices.size() < least_) indices.clear();
  }

 private:
  const std::vector<cv::Mat>& covered_;
  cv::Size size_;
  size_t least_;
};

template <typename Value>
Value quantile(std::vector<Value>& values, double q) {
  const auto place = static_cast<size_t>(q * static_cast<double>(values.size()));
  const auto nth = values.begin() + static_cast<std::ptrdiff_t>(std::min(place, values.size() - 1));
  std::nth_element(values.begin(), nth, values.end());
  return *nth;
}

// Calls function(y, x) for every pixel, rows in parallel; each worker has a copy of function.
template <typename Function>
void for_each_pixel(cv::Size size, const Function& function) {
  cv::parallel_for_({0, size.height}, [&](const cv::Range& rows) {
    Function worker = function;
    for (int y = rows.start; y < rows.end; ++y) {
      for (int x = 0; x < size.width; ++x) worker(y, x);
    }
  });
}

void expect_alike(const std::vector<cv::Mat>& images) {
  if (images.empty()) throw UsageError("temporal_median: needs at least one image");
  for (const cv::Mat& image : images) {
    if (image.size() != images[0].size() || image.type() != images[0].type() ||
        image.depth() != CV_8U) {
      throw UsageError("temporal_median: images must be 8-bit and of one size and type");
    }
  }
}

}  // namespace

cv::Mat temporal_median(const std::vector<cv::Mat>& images) {
  return temporal_median(images, std::vector<cv::Mat>(images.size(), cv::Mat::zeros(1, 1, CV_8U)));
}

cv::Mat temporal_median(const std::vector<cv::Mat>& images, const std::vector<cv::Mat>& covered) {
  expect_alike(images);
  const int channels = images[0].channels();
  std::vector<size_t> all(images.size());
  std::iota(all.begin(), all.end(), size_t{0});
  cv::Mat median(images[0].size(), images[0].type());
  const Uncovered uncovered(covered, median.size());
  for_each_pixel(median.size(), [&, values = std::vector<uchar>(), shown = std::vector<size_t>()](
                                    int y, int x) mutable {
    uncovered.find(y, x, shown);
    for (int b = x * channels; b < (x + 1) * channels; ++b) {
      values.clear();
      for (const size_t i : shown.empty() ? all : shown) values.push_back(images[i].ptr(y)[b]);
      median.ptr(y)[b] = quantile(values, 0.5);
    }
  });
  return median;
}

cv::Mat temporal_noise(const std::vector<cv::Mat>& images, const std::vector<cv::Mat>& covered,
                       const cv::Mat& background) {
  expect_alike(images);
  const int channels = background.channels();
  const auto distance = [&](const cv::Mat& image, int y, int x) {
    double squares = 0.0;
    for (int b = x * channels; b < (x + 1) * channels; ++b) {
      const double difference = image.ptr(y)[b] - background.ptr(y)[b];
      squares += difference * difference;
    }
    return static_cast<float>(std::sqrt(squares / channels) / 255.0);
  };
  cv::Mat noise(background.size(), CV_32F, cv::Scalar(0));
  const Uncovered uncovered(covered, noise.size());
  for_each_pixel(noise.size(), [&, distances = std::vector<float>(), shown = std::vector<size_t>()](
                                   int y, int x) mutable {
    uncovered.find(y, x, shown);
    if (shown.empty()) return;
    distances.clear();
    for (const size_t i : shown) distances.push_back(distance(images[i], y, x));
    noise.at<float>(y, x) = quantile(distances, 0.9);
  });
  cv::GaussianBlur(noise, noise, {}, 2.0);
  return noise;
}

}  // namespace proxseg
