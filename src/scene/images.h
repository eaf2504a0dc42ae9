// Images and lists of images.
#pragma once

#include <cstdint>
#include <numeric>
#include <opencv2/core.hpp>
#include <opencv2/core/utility.hpp>
#include <opencv2/imgproc.hpp>
#include <vector>

#include "proxseg/core/statistics.h"
#include "proxseg/core/text.h"
#include "proxseg/media/transform.h"

namespace proxseg {

// At most so many of the images, evenly spread, in their order.
inline std::vector<cv::Mat> some_of(const std::vector<cv::Mat>& images, int64_t most) {
  std::vector<cv::Mat> some;
  for (const int64_t i : spread_evenly(most, static_cast<int64_t>(images.size()))) {
    some.push_back(images[static_cast<size_t>(i)]);
  }
  return some;
}

// The function's result for each image; several images at once.
template <typename Function>
std::vector<cv::Mat> map_images(const std::vector<cv::Mat>& images, const Function& function) {
  std::vector<cv::Mat> results(images.size());
  cv::parallel_for_({0, static_cast<int>(images.size())}, [&](const cv::Range& range) {
    for (int i = range.start; i < range.end; ++i) {
      results[static_cast<size_t>(i)] = function(images[static_cast<size_t>(i)]);
    }
  });
  return results;
}

// The mean of the function's values over the images; several images at once, summed in their order.
template <typename Function>
double mean_over(const std::vector<cv::Mat>& images, const Function& function) {
  std::vector<double> values(images.size());
  cv::parallel_for_({0, static_cast<int>(images.size())}, [&](const cv::Range& range) {
    for (int i = range.start; i < range.end; ++i) {
      values[static_cast<size_t>(i)] = function(images[static_cast<size_t>(i)]);
    }
  });
  return std::accumulate(values.begin(), values.end(), 0.0) / static_cast<double>(images.size());
}

// The size of a canvas around frames of a size where these have another one.
inline cv::Size scaled_canvas(cv::Size canvas, cv::Size from, cv::Size to) {
  const auto scaled = [](int64_t length, int64_t before, int64_t now) {
    return static_cast<int>(length * now / before);
  };
  return {scaled(canvas.width, from.width, to.width),
          scaled(canvas.height, from.height, to.height)};
}

// A box in images of one size as a box in those of another, wherever it reaches: the smallest that holds it.
inline cv::Rect scaled_box(const cv::Rect& box, cv::Size from, cv::Size to) {
  const double x = 1.0 * to.width / from.width, y = 1.0 * to.height / from.height;
  return {cv::Point(cvFloor(box.x * x), cvFloor(box.y * y)),
          cv::Point(cvCeil(box.br().x * x), cvCeil(box.br().y * y))};
}

// |a - b|, the largest over channels. Both 8UC1 or 8UC3: 8UC1.
inline cv::Mat difference_of(const cv::Mat& a, const cv::Mat& b) {
  cv::Mat difference;
  cv::absdiff(a, b, difference);
  return largest_over_channels(difference);
}

// The mean grey level.
inline double brightness_of(const cv::Mat& image) { return cv::mean(to_gray(image))[0]; }

// Around what is not 0 in a mask. cv::boundingRect(mask) misses columns of narrow parts (OpenCV 4.6).
inline cv::Rect bounding_box(const cv::Mat& mask) {
  std::vector<cv::Point> pixels;
  cv::findNonZero(mask, pixels);
  return pixels.empty() ? cv::Rect() : cv::boundingRect(pixels);
}

// Masks of any size with those of others, one for each or none at all: 255 where either is.
inline std::vector<cv::Mat> either(std::vector<cv::Mat> masks, const std::vector<cv::Mat>& others) {
  for (size_t i = 0; i < others.size(); ++i) {
    cv::Mat other;
    cv::resize(others[i], other, masks[i].size(), 0, 0, cv::INTER_NEAREST);
    masks[i] |= other;
  }
  return masks;
}

// How many of the masks, at least one and all of one size, are not 0 at each pixel: 32FC1.
inline cv::Mat count_of(const std::vector<cv::Mat>& masks) {
  cv::Mat count = cv::Mat::zeros(masks[0].size(), CV_32F);
  for (const cv::Mat& mask : masks) cv::add(count, 1.0, count, mask);
  return count;
}

// Of the values of a 32FC1 image, the upper one of an even number.
inline float median_of(const cv::Mat& image) {
  return upper_median(std::vector<float>(image.begin<float>(), image.end<float>()));
}

}  // namespace proxseg
