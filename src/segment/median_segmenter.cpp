#include "proxseg/segment/median_segmenter.h"

#include <opencv2/imgproc.hpp>

#include "proxseg/media/transform.h"

namespace proxseg {
namespace {

constexpr double kThreshold = 30.0;
constexpr int kMedian = 5;

}  // namespace

MedianSegmenter::MedianSegmenter(const BackgroundOptions& options) {
  options_.method = BackgroundMethod::kMedian;
  options_.frames = options.frames;
  options_.period = options.period;
  options_.noise_floor = 0.0;
  options_.stabilize = false;
  options_.follow_exposure = false;
}

void MedianSegmenter::begin(const SequenceInfo& sequence, const std::set<Product>& /*products*/) {
  background_ = scene_of(sequence, options_).background();
  roi_ = sequence.roi;
}

Segmentation MedianSegmenter::compare(const cv::Mat& frame) const {
  Segmentation result;
  cv::absdiff(frame, background_, result.foreground);
  cv::Mat difference = largest_over_channels(result.foreground);
  cv::medianBlur(difference > kThreshold, result.mask, kMedian);
  if (!roi_.empty()) {
    difference.setTo(0, roi_ == 0);
    result.mask.setTo(0, roi_ == 0);
  }
  difference.convertTo(result.soft, CV_32F, 1.0 / 255.0);
  result.foreground.setTo(0, result.mask == 0);
  result.background = background_;
  return result;
}

std::vector<Segmentation> MedianSegmenter::segment(const std::vector<cv::Mat>& frames,
                                                   const std::set<Product>&) {
  expect_frames(frames, background_.size());
  std::vector<Segmentation> results;
  for (const cv::Mat& frame : frames) results.push_back(compare(frame));
  return results;
}

}  // namespace proxseg
