#include "proxseg/scene/background.h"

#include <algorithm>
#include <cmath>
#include <opencv2/core/utility.hpp>
#include <opencv2/imgproc.hpp>

#include "core/vectorized.h"
#include "proxseg/core/error.h"

namespace proxseg {
namespace {

PROXSEG_VECTORIZED void add_row(const uchar* __restrict row, size_t size, int* __restrict sums) {
  for (size_t b = 0; b < size; ++b) sums[b] += row[b];
}

// Where the images show the background along a row. Masks, all of one size, may be smaller than the
// images.
class Uncovered {
 public:
  // channels: values of a pixel. takes_all: of all images where too few show it.
  Uncovered(const std::vector<cv::Mat>& covered, cv::Size size, int channels, bool takes_all)
      : covered_(covered),
        height_(size.height),
        takes_all_(takes_all),
        least_(std::max(3, static_cast<int>(covered.size() / 20))) {
    for (int b = 0; b < size.width * channels; ++b) {
      columns_.push_back(static_cast<int>(int64_t{b / channels} * covered[0].cols / size.width));
    }
    counts_.resize(row_size());
    shown_.resize(covered.size() * row_size());
  }

  void read_row(int y) {
    const auto row = static_cast<int>(int64_t{y} * covered_[0].rows / height_);
    if (row == row_) return;
    row_ = row;
    std::fill(counts_.begin(), counts_.end(), 0);
    for (size_t i = 0; i < covered_.size(); ++i) {
      const uchar* mask = covered_[i].ptr(row);
      uchar* shown = row_of(i);
      for (size_t b = 0; b < row_size(); ++b) shown[b] = mask[columns_[b]] == 0;
      add_row(shown, row_size(), counts_.data());
    }
    for (int& count : counts_) count = count < least_ ? 0 : count;
    if (takes_all_) take_all_where_none();
  }

  // 1 at each value of the row that image i shows.
  const uchar* row_of(size_t i) const { return shown_.data() + i * row_size(); }
  // How many images show each value of the row; 0 where they are too few.
  const std::vector<int>& counts() const { return counts_; }

 private:
  void take_all_where_none() {
    for (size_t i = 0; i < covered_.size(); ++i) {
      uchar* shown = row_of(i);
      for (size_t b = 0; b < row_size(); ++b) shown[b] |= static_cast<uchar>(counts_[b] == 0);
    }
    for (int& count : counts_) count = count == 0 ? static_cast<int>(covered_.size()) : count;
  }

  size_t row_size() const { return columns_.size(); }
  uchar* row_of(size_t i) { return shown_.data() + i * row_size(); }

  const std::vector<cv::Mat>& covered_;
  int height_;
  bool takes_all_;
  int least_;
  int row_ = -1;              // of the masks, read last
  std::vector<int> columns_;  // of a mask, for each value of a row
  std::vector<int> counts_;
  std::vector<uchar> shown_;
};

// counts[b] += the shown value b is below its limit
template <typename Value>
PROXSEG_VECTORIZED void count_below(const Value* __restrict values, const uchar* __restrict shown,
                                    const Value* __restrict limits, size_t size,
                                    int* __restrict counts) {
  for (size_t b = 0; b < size; ++b) counts[b] += shown[b] & (values[b] < limits[b] ? 1 : 0);
}

// The q-quantile over the images of each value b of a row, the one at place k = floor(q n) of the n
// that are shown in order, n > 0, bit by bit from the highest:
//   max { t : #{ i : rows[i][b] < t } <= k }
template <typename Value>
void find_quantiles(const std::vector<const Value*>& rows, const Uncovered& uncovered, double q,
                    unsigned bits, Value* quantiles) {
  const std::vector<int>& shown = uncovered.counts();
  const size_t size = shown.size();
  std::vector<Value> limits(size);
  std::vector<int> below(size);
  std::fill_n(quantiles, size, Value{0});
  for (unsigned bit = 1U << (bits - 1); bit > 0; bit >>= 1) {
    for (size_t b = 0; b < size; ++b) limits[b] = static_cast<Value>(quantiles[b] | bit);
    std::fill(below.begin(), below.end(), 0);
    for (size_t i = 0; i < rows.size(); ++i) {
      count_below(rows[i], uncovered.row_of(i), limits.data(), size, below.data());
    }
    for (size_t b = 0; b < size; ++b) {
      if (below[b] <= static_cast<int>(q * shown[b])) quantiles[b] = limits[b];
    }
  }
}

// Sums over channels of (a - b)^2.
template <size_t kChannels>
PROXSEG_VECTORIZED void square_differences(const uchar* __restrict a, const uchar* __restrict b,
                                           size_t width, int* __restrict squares) {
  for (size_t x = 0; x < width; ++x) {
    int sum = 0;
    for (size_t c = 0; c < kChannels; ++c) {
      const int difference = a[x * kChannels + c] - b[x * kChannels + c];
      sum += difference * difference;
    }
    squares[x] = sum;
  }
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
  cv::Mat median(images[0].size(), images[0].type());
  cv::parallel_for_({0, median.rows}, [&](const cv::Range& range) {
    Uncovered uncovered(covered, median.size(), channels, /*takes_all=*/true);
    std::vector<const uchar*> rows(images.size());
    for (int y = range.start; y < range.end; ++y) {
      uncovered.read_row(y);
      for (size_t i = 0; i < images.size(); ++i) rows[i] = images[i].ptr(y);
      find_quantiles(rows, uncovered, 0.5, 8, median.ptr(y));
    }
  });
  return median;
}

// In terms of s, the sum of squared differences over C channels: sqrt(s / C) / 255.
cv::Mat temporal_noise(const std::vector<cv::Mat>& images, const std::vector<cv::Mat>& covered,
                       const cv::Mat& background) {
  constexpr unsigned kBits = 18;  // of 3 * 255^2
  expect_alike(images);
  const int channels = background.channels();
  const auto width = static_cast<size_t>(background.cols);
  const auto square = channels == 1 ? square_differences<1> : square_differences<3>;
  cv::Mat noise(background.size(), CV_32F, cv::Scalar(0));
  cv::parallel_for_({0, noise.rows}, [&](const cv::Range& range) {
    Uncovered uncovered(covered, noise.size(), 1, /*takes_all=*/false);
    std::vector<int> squares(images.size() * width), quantiles(width);
    std::vector<const int*> rows;
    for (size_t i = 0; i < images.size(); ++i) rows.push_back(squares.data() + i * width);
    for (int y = range.start; y < range.end; ++y) {
      uncovered.read_row(y);
      for (size_t i = 0; i < images.size(); ++i) {
        square(images[i].ptr(y), background.ptr(y), width, squares.data() + i * width);
      }
      find_quantiles(rows, uncovered, 0.9, kBits, quantiles.data());
      for (size_t x = 0; x < width; ++x) {
        if (uncovered.counts()[x] == 0) continue;
        const double mean = static_cast<double>(quantiles[x]) / channels;
        noise.ptr<float>(y)[x] = static_cast<float>(std::sqrt(mean) / 255.0);
      }
    }
  });
  cv::GaussianBlur(noise, noise, {}, 2.0);
  return noise;
}

}  // namespace proxseg
