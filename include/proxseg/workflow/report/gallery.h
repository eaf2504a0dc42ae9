// Frames of a sequence with their masks, for a report, and how accurate these are where there is
// ground truth.
#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <opencv2/core.hpp>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "proxseg/eval/evaluate.h"
#include "proxseg/media/sequences.h"
#include "proxseg/segment/segmenter.h"

namespace proxseg {

// Pictures as JPEG files, at most 480 pixels wide.
struct GalleryFrame {
  std::string name;
  std::string frame, background;
  std::string foreground;  // |S|, three times as bright
  std::string mask;        // drawn over the frame
  std::string errors;      // by draw_errors(); empty without ground truth
};

struct GalleryTruth {
  SequenceEvaluation evaluation;  // of masks on disk, or of those segmented here: masks is empty
  ScoreCurve curve{};             // of soft masks, before clean-up
  int64_t curve_frames = 0;       // in the curve
  int64_t labelled_frames = 0;    // in the sequence
};

struct Gallery {
  std::string sequence;
  std::vector<GalleryFrame> frames;
  std::optional<GalleryTruth> truth;
};

struct GalleryOptions {
  int64_t frames = 24;                                // shown, spread evenly over the sequence
  int64_t labelled_frames = 200;                      // the most that are segmented to measure
  std::string roi = {}, levels = {};                  // as in SourceOptions
  std::filesystem::path ground_truth = {};            // CDnet sequence; empty if there is none
  std::optional<SequenceEvaluation> evaluation = {};  // of masks on disk, to show instead
  // Frame::number of the frames to come, where known in advance.
  std::set<int64_t> numbers = {};
};

// The frame in grey under its right and wrong pixels: true positives green, false positives red,
// false negatives blue, what is not evaluated faded. frame: 8UC1 or 8UC3; mask: 8UC1, 0 or
// 255; labels: 8UC1 (media/cdnet.h); all of one size.
cv::Mat draw_errors(const cv::Mat& frame, const cv::Mat& mask, const cv::Mat& labels);

// Makes a gallery of frames that arrive one by one, segmented by the caller.
class GalleryMaker {
 public:
  // frames: how many will come. Throws InputError for ground truth that cannot be used.
  GalleryMaker(std::string sequence, int64_t frames, const GalleryOptions& options);

  // The products of the frame at that position, from 1, that add() needs; none where the gallery
  // does not want the frame.
  std::set<Product> wanted(const Frame& frame, int64_t position) const;

  // Passes over a frame that is not wanted. Throws InputError for ground truth of another size.
  void add(const Frame& frame, int64_t position, const Segmentation& result);

  // evaluation: of masks on disk, to show instead of that of the frames added.
  Gallery finish(const std::optional<SequenceEvaluation>& evaluation = {});

 private:
  int64_t key_of(const Frame& frame, int64_t position) const;
  cv::Mat labels_of(const Frame& frame) const;

  GalleryOptions options_;
  std::optional<GroundTruth> truth_;
  // By key_of(): a frame's number where there are labels, else its position.
  std::set<int64_t> segmented_, shown_;
  ScoreHistogram soft_, binary_;
  int64_t measured_ = 0;
  Gallery gallery_;
};

// Reads the sequence once, after segmenter.begin(). With ground truth, frames that have labels are
// shown. on_frame is called as the sequence is read. Throws InputError, also for ground truth of
// another size than the frames.
Gallery make_gallery(
    Segmenter& segmenter, const NamedSequence& sequence, const GalleryOptions& options = {},
    const std::function<void(int64_t done, int64_t total)>& on_frame = [](int64_t, int64_t) {});

}  // namespace proxseg
