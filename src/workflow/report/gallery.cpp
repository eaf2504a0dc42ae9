#include "proxseg/workflow/report/gallery.h"

#include <fmt/format.h>

#include <algorithm>
#include <opencv2/imgproc.hpp>
#include <set>

#include "proxseg/core/error.h"
#include "proxseg/core/text.h"
#include "proxseg/eval/ground_truth.h"
#include "proxseg/media/cdnet.h"
#include "proxseg/media/preview.h"
#include "proxseg/media/transform.h"
#include "workflow/report/picture.h"

namespace proxseg {
namespace {

constexpr int kWidth = 480;
constexpr double kForegroundGain = 3.0;

// count of all, spread evenly; all if there are no more.
std::set<int64_t> spread(const std::vector<int64_t>& all, int64_t count) {
  std::set<int64_t> chosen;
  for (const int64_t i : spread_evenly(count, static_cast<int64_t>(all.size()))) {
    chosen.insert(all[static_cast<size_t>(i)]);
  }
  return chosen;
}

// Which frames to segment and which of them to show: by number where there are labels, else by
// position, from 1.
struct Choice {
  std::set<int64_t> segmented;
  std::set<int64_t> shown;
};

Choice choose(const SequenceInfo& info, const GroundTruth* truth, const GalleryOptions& options) {
  std::vector<int64_t> all;
  if (truth == nullptr) {
    for (int64_t position = 1; position <= info.frames; ++position) all.push_back(position);
    const auto shown = spread(all, options.frames);
    return {shown, shown};
  }
  for (const auto& [number, file] : truth->files()) all.push_back(number);
  const auto segmented = spread(all, options.labelled_frames);
  return {segmented, spread({segmented.begin(), segmented.end()}, options.frames)};
}

class Maker {
 public:
  Maker(Segmenter& segmenter, const GroundTruth* truth) : segmenter_(segmenter), truth_(truth) {}

  void add(const Frame& frame, bool shown) {
    std::set<Product> products = {Product::kMask, Product::kSoft};
    if (shown) products.insert({Product::kBackground, Product::kForeground});
    const Segmentation result = segmenter_.segment({frame.image}, products).front();
    const cv::Mat labels = truth_ ? labels_of(frame) : cv::Mat();
    if (shown) show(frame, result, labels);
    if (truth_) measure(result, labels);
  }

  std::vector<GalleryFrame> take_frames() { return std::move(frames_); }

  GalleryTruth truth() const {
    GalleryTruth truth;
    truth.curve = curve_of(soft_);
    truth.curve_frames = measured_;
    truth.labelled_frames = static_cast<int64_t>(truth_->files().size());
    truth.evaluation.confusion = curve_of(binary_)[128];
    truth.evaluation.score.measures = measures_of(truth.evaluation.confusion);
    truth.evaluation.score.frames = measured_;
    return truth;
  }

 private:
  cv::Mat labels_of(const Frame& frame) const {
    const auto& file = truth_->files().at(frame.number);
    cv::Mat labels = truth_->labels(file);
    if (labels.size() == frame.image.size()) return labels;
    throw InputError(fmt::format("'{}' is {} x {} but its frame is {} x {}", file.string(),
                                 labels.cols, labels.rows, frame.image.cols, frame.image.rows));
  }

  void show(const Frame& frame, const Segmentation& result, const cv::Mat& labels) {
    frames_.push_back(
        {frame.name, jpeg_of(frame.image, kWidth), jpeg_of(result.background, kWidth),
         jpeg_of(result.foreground * kForegroundGain, kWidth),
         jpeg_of(draw_overlay(frame.image, result.mask), kWidth),
         labels.empty() ? "" : jpeg_of(draw_errors(frame.image, result.mask, labels), kWidth)});
  }

  void measure(const Segmentation& result, const cv::Mat& labels) {
    cv::Mat soft;
    result.soft.convertTo(soft, CV_8U, 255.0);
    soft_.add(soft, labels);
    binary_.add(result.mask, labels);
    ++measured_;
  }

  Segmenter& segmenter_;
  const GroundTruth* truth_;
  std::vector<GalleryFrame> frames_;
  ScoreHistogram soft_, binary_;
  int64_t measured_ = 0;
};

}  // namespace

cv::Mat draw_errors(const cv::Mat& frame, const cv::Mat& mask, const cv::Mat& labels) {
  cv::Mat picture;
  cv::cvtColor(to_gray(frame), picture, cv::COLOR_GRAY2BGR);
  picture *= 0.45;
  const cv::Mat moving = labels == label::kMoving;
  const cv::Mat ignored = (labels == label::kUnknown) | (labels == label::kOutsideRoi);
  picture.setTo(cv::Scalar(96, 176, 46), mask & moving);
  picture.setTo(cv::Scalar(58, 64, 226), mask & ~moving & ~ignored);
  picture.setTo(cv::Scalar(250, 145, 60), ~mask & moving);
  cv::Mat faded;
  cv::addWeighted(picture, 0.5, cv::Mat(picture.size(), picture.type(), cv::Scalar::all(128)), 0.5,
                  0.0, faded);
  faded.copyTo(picture, ignored);
  return picture;
}

Gallery make_gallery(Segmenter& segmenter, const NamedSequence& sequence,
                     const GalleryOptions& options,
                     const std::function<void(int64_t, int64_t)>& on_frame) {
  std::optional<GroundTruth> truth;
  if (!options.ground_truth.empty()) truth.emplace(options.ground_truth);
  const auto source =
      prefetch(open_source(sequence.path, {.roi = options.roi, .on_error = OnError::kSkip}));
  const SequenceInfo info = source->info();
  const Choice choice = choose(info, truth ? &*truth : nullptr, options);
  segmenter.begin(info);
  Maker maker(segmenter, truth ? &*truth : nullptr);
  int64_t position = 0;
  while (const auto frame = source->next()) {
    ++position;
    const int64_t key = truth ? frame->number : position;
    if (choice.segmented.contains(key)) maker.add(*frame, choice.shown.contains(key));
    on_frame(position, info.frames);
  }
  Gallery gallery;
  gallery.sequence = sequence.name;
  gallery.frames = maker.take_frames();
  if (truth) {
    gallery.truth = maker.truth();
    if (options.evaluation) gallery.truth->evaluation = *options.evaluation;
  }
  return gallery;
}

}  // namespace proxseg
