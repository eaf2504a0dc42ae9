#include "proxseg/workflow/report/gallery.h"

#include <fmt/format.h>

#include <opencv2/imgproc.hpp>

#include "proxseg/core/error.h"
#include "proxseg/core/text.h"
#include "proxseg/media/cdnet.h"
#include "proxseg/media/preview.h"
#include "proxseg/media/transform.h"
#include "workflow/report/html.h"

namespace proxseg {
namespace {

constexpr int kWidth = 480;
constexpr double kForegroundGain = 3.0;

std::set<int64_t> spread(const std::vector<int64_t>& all, int64_t count) {
  std::set<int64_t> chosen;
  for (const int64_t i : spread_evenly(count, static_cast<int64_t>(all.size()))) {
    chosen.insert(all[static_cast<size_t>(i)]);
  }
  return chosen;
}

}  // namespace

cv::Mat draw_errors(const cv::Mat& frame, const cv::Mat& mask, const cv::Mat& labels) {
  cv::Mat picture = with_channels(to_gray(frame), 3);
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

GalleryMaker::GalleryMaker(std::string sequence, int64_t frames, const GalleryOptions& options)
    : options_(options) {
  gallery_.sequence = std::move(sequence);
  std::vector<int64_t> all;
  if (options_.ground_truth.empty()) {
    for (int64_t position = 1; position <= frames; ++position) all.push_back(position);
    segmented_ = shown_ = spread(all, options_.frames);
    return;
  }
  truth_.emplace(options_.ground_truth);
  for (const auto& [number, file] : truth_->files()) {
    if (options_.numbers.empty() || options_.numbers.contains(number)) all.push_back(number);
  }
  segmented_ = spread(all, options_.labelled_frames);
  shown_ = spread({segmented_.begin(), segmented_.end()}, options_.frames);
}

int64_t GalleryMaker::key_of(const Frame& frame, int64_t position) const {
  return truth_ ? frame.number : position;
}

std::set<Product> GalleryMaker::wanted(const Frame& frame, int64_t position) const {
  const int64_t key = key_of(frame, position);
  if (!segmented_.contains(key)) return {};
  std::set<Product> products = {Product::kMask, Product::kSoft};
  if (shown_.contains(key)) products.insert({Product::kBackground, Product::kForeground});
  return products;
}

cv::Mat GalleryMaker::labels_of(const Frame& frame) const {
  const auto& file = truth_->files().at(frame.number);
  cv::Mat labels = truth_->labels(file);
  if (labels.size() == frame.image.size()) return labels;
  throw InputError(
      fmt::format("the ground truth '{}' is {} x {}, the frames of '{}' are {} x {}", file.string(),
                  labels.cols, labels.rows, gallery_.sequence, frame.image.cols, frame.image.rows),
      "Give the ground truth of the sequence that the run was trained on.");
}

void GalleryMaker::add(const Frame& frame, int64_t position, const Segmentation& result) {
  if (wanted(frame, position).empty()) return;
  const cv::Mat labels = truth_ ? labels_of(frame) : cv::Mat();
  if (shown_.contains(key_of(frame, position))) {
    gallery_.frames.push_back(
        {frame.name, jpeg_of(frame.image, kWidth), jpeg_of(result.background, kWidth),
         jpeg_of(result.foreground * kForegroundGain, kWidth),
         jpeg_of(draw_overlay(frame.image, result.mask), kWidth),
         labels.empty() ? "" : jpeg_of(draw_errors(frame.image, result.mask, labels), kWidth)});
  }
  if (labels.empty()) return;
  cv::Mat soft;
  result.soft.convertTo(soft, CV_8U, 255.0);
  soft_.add(soft, labels);
  binary_.add(result.mask, labels);
  ++measured_;
}

Gallery GalleryMaker::finish(const std::optional<SequenceEvaluation>& evaluation) {
  if (truth_) {
    GalleryTruth truth;
    truth.curve = curve_of(soft_);
    truth.curve_frames = measured_;
    truth.labelled_frames = static_cast<int64_t>(truth_->files().size());
    truth.evaluation.confusion = curve_of(binary_)[128];
    truth.evaluation.score.measures = measures_of(truth.evaluation.confusion);
    truth.evaluation.score.frames = measured_;
    if (evaluation) truth.evaluation = *evaluation;
    gallery_.truth = std::move(truth);
  }
  return std::move(gallery_);
}

Gallery make_gallery(Segmenter& segmenter, const NamedSequence& sequence,
                     const GalleryOptions& options,
                     const std::function<void(int64_t, int64_t)>& on_frame) {
  const auto source = prefetch(open_source(
      sequence.path, {.roi = options.roi, .levels = options.levels, .on_error = OnError::kSkip}));
  const SequenceInfo info = source->info();
  GalleryMaker maker(sequence.name, info.frames, options);
  segmenter.begin(info, {Product::kMask, Product::kSoft});
  for (int64_t position = 1; const auto frame = source->next(); ++position) {
    const std::set<Product> products = maker.wanted(*frame, position);
    if (!products.empty()) {
      maker.add(*frame, position, segmenter.segment({frame->image}, products).front());
    }
    on_frame(position, info.frames);
  }
  return maker.finish(options.evaluation);
}

}  // namespace proxseg
