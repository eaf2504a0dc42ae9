#include "media/shrink.h"

#include <algorithm>
#include <opencv2/core/utility.hpp>
#include <vector>

#include "core/clones.h"

namespace proxseg {
namespace {

// The pixels [first, first + weights.size()) of a side that one pixel of the result covers, each with
// its part of it; the parts add up to 1.
struct Cover {
  int first = 0;
  std::vector<float> weights;
};

std::vector<Cover> covers(int from, int to) {
  const double scale = static_cast<double>(from) / to;
  std::vector<Cover> result(static_cast<size_t>(to));
  for (int i = 0; i < to; ++i) {
    constexpr double kNothing = 1e-3;  // of a pixel
    const double begin = i * scale, end = std::min<double>(begin + scale, from);
    Cover& cover = result[static_cast<size_t>(i)];
    cover.first = static_cast<int>(begin + kNothing);
    for (int k = cover.first; k < end - kNothing; ++k) {
      const double part = std::min<double>(k + 1, end) - std::max<double>(k, begin);
      cover.weights.push_back(static_cast<float>(part / (end - begin)));
    }
  }
  return result;
}

PROXSEG_VECTORIZED void begin_sum(const uchar* __restrict row, float weight, size_t size,
                                  float* __restrict sums) {
  for (size_t i = 0; i < size; ++i) sums[i] = weight * static_cast<float>(row[i]);
}

PROXSEG_VECTORIZED void add_to_sum(const uchar* __restrict row, float weight, size_t size,
                                   float* __restrict sums) {
  for (size_t i = 0; i < size; ++i) sums[i] += weight * static_cast<float>(row[i]);
}

template <int kChannels>
void add_columns(const float* sums, const std::vector<Cover>& columns, uchar* row) {
  for (const Cover& cover : columns) {
    float values[kChannels] = {};
    const float* from = sums + cover.first * kChannels;
    for (const float weight : cover.weights) {
      for (int c = 0; c < kChannels; ++c) values[c] += weight * *from++;
    }
    for (const float value : values) *row++ = cv::saturate_cast<uchar>(value);
  }
}

}  // namespace

cv::Mat shrink(const cv::Mat& image, cv::Size size) {
  const auto columns = covers(image.cols, size.width), rows = covers(image.rows, size.height);
  const auto values = static_cast<size_t>(image.cols) * static_cast<size_t>(image.channels());
  cv::Mat result(size, image.type());
  cv::parallel_for_({0, size.height}, [&](const cv::Range& range) {
    std::vector<float> sums(values);
    for (int y = range.start; y < range.end; ++y) {
      const Cover& cover = rows[static_cast<size_t>(y)];
      begin_sum(image.ptr(cover.first), cover.weights[0], values, sums.data());
      for (size_t k = 1; k < cover.weights.size(); ++k) {
        const int source = cover.first + static_cast<int>(k);
        add_to_sum(image.ptr(source), cover.weights[k], values, sums.data());
      }
      const auto add = image.channels() == 1 ? add_columns<1> : add_columns<3>;
      add(sums.data(), columns, result.ptr(y));
    }
  });
  return result;
}

}  // namespace proxseg
