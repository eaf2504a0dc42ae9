#include "proxseg/segment/subtractor_segmenter.h"

#include <opencv2/core/utility.hpp>
#include <optional>
#include <utility>

#include "proxseg/media/transform.h"

namespace proxseg {
namespace {

// While it lives, OpenCV computes on the calling thread alone.
class SerialOpenCv {
 public:
  SerialOpenCv() { cv::setNumThreads(1); }
  ~SerialOpenCv() { cv::setNumThreads(threads_); }
  SerialOpenCv(const SerialOpenCv&) = delete;
  SerialOpenCv& operator=(const SerialOpenCv&) = delete;

 private:
  int threads_ = cv::getNumThreads();
};

cv::Mat difference_inside(const cv::Mat& mask, const cv::Mat& frame, const cv::Mat& background) {
  cv::Mat difference;
  cv::absdiff(frame, background, difference);
  difference.setTo(0, mask == 0);
  return difference;
}

}  // namespace

SubtractorSegmenter::SubtractorSegmenter(Subtractor subtractor, uint64_t seed)
    : subtractor_(std::move(subtractor)), seed_(seed) {}

void SubtractorSegmenter::begin(const SequenceInfo& sequence,
                                const std::set<Product>& /*products*/) {
  cv::theRNG() = cv::RNG(seed_);
  model_ = subtractor_.create();
  size_ = sequence.size;
  roi_ = sequence.roi;
  last_seen_ = cv::Mat();
}

cv::Mat SubtractorSegmenter::mask_of(const cv::Mat& frame) {
  std::optional<SerialOpenCv> serial;
  if (subtractor_.has_races) serial.emplace();
  cv::Mat labels;
  model_->apply(frame, labels);
  cv::Mat mask = labels == 255;
  if (!roi_.empty()) mask.setTo(0, roi_ == 0);
  return mask;
}

cv::Mat SubtractorSegmenter::background() const {
  if (!subtractor_.has_background) return last_seen_.clone();
  cv::Mat background;
  model_->getBackgroundImage(background);
  return with_channels(background, last_seen_.channels());
}

std::vector<Segmentation> SubtractorSegmenter::segment(const std::vector<cv::Mat>& frames,
                                                       const std::set<Product>& products) {
  expect_frames(frames, size_);
  std::vector<Segmentation> results;
  for (const cv::Mat& frame : frames) {
    Segmentation result;
    result.mask = mask_of(frame);
    if (last_seen_.empty()) last_seen_ = frame.clone();
    frame.copyTo(last_seen_, result.mask == 0);
    result.mask.convertTo(result.soft, CV_32F, 1.0 / 255.0);
    if (products.contains(Product::kBackground) || products.contains(Product::kForeground)) {
      result.background = background();
      result.foreground = difference_inside(result.mask, frame, result.background);
    }
    results.push_back(std::move(result));
  }
  return results;
}

}  // namespace proxseg
