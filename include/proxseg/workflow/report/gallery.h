// Frames of a sequence as a network sees them, for a report, and how right it is where there is
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
  ScoreCurve curve{};             // of soft masks, before they are cleaned up
  int64_t curve_frames = 0;       // that it is made of
  int64_t labelled_frames = 0;    // that there are
};

struct Gallery {
  std::string sequence;
  std::vector<GalleryFrame> frames;
  std::optional<GalleryTruth> truth;
};

struct GalleryOptions {
  int64_t frames = 24;                                // shown, spread evenly over the sequence
  int64_t labelled_frames = 200;                      // segmented to measure, at most
  std::string roi = {};                               // as in SourceOptions
  std::filesystem::path ground_truth = {};            // CDnet sequence; empty if there is none
  std::optional<SequenceEvaluation> evaluation = {};  // of masks on disk, to show instead
  // Frame::number of the frames that come, where that is known beforehand.
  std::set<int64_t> numbers = {};
};

// The frame in grey under its right and wrong pixels: true positives green, false positives red,
// false negatives blue, what is not evaluated faded. frame: 8UC1 or 8UC3; mask: 8UC1, 0 or
// 255; labels: 8UC1 (media/cdnet.h); all of one size.
cv::Mat draw_errors(const cv::Mat& frame, const cv::Mat& mask, const cv::Mat& labels);

// Makes a gallery of frames that come one after the other and are segmented elsewhere.
class GalleryMaker {
 public:
  // frames: how many will come. Throws InputError for ground truth that cannot be used.
  GalleryMaker(std::string sequence, int64_t frames, const GalleryOptions& options);

  // What the frame at that position, from 1, has to be segmented into before it is added; nothing
  // where it is not wanted.
  std::set<Product> wanted(const Frame& frame, int64_t position) const;

  // Passes over a frame that is not wanted. Throws InputError for ground truth of another size.
  void add(const Frame& frame, int64_t position, const Segmentation& result);

  // evaluation: of masks on disk, to show in place of that of the frames added.
  Gallery finish(const std::optional<SequenceEvaluation>& evaluation = {});

 private:
  int64_t key_of(const Frame& frame, int64_t position) const;
  cv::Mat labels_of(const Frame& frame) const;

  GalleryOptions options_;
  std::optional<GroundTruth> truth_;
  // By key_of(): the number of a frame where there are labels, else its position.
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
