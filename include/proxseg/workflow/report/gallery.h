// Frames of a sequence as a network sees them, for a report, and how right it is where there is
// ground truth.
#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <opencv2/core.hpp>
#include <optional>
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
};

// The frame in grey under its right and wrong pixels: true positives green, false positives red,
// false negatives blue, what is not evaluated faded. frame: 8UC1 or 8UC3; mask: 8UC1, 0 or
// 255; labels: 8UC1 (media/cdnet.h); all of one size.
cv::Mat draw_errors(const cv::Mat& frame, const cv::Mat& mask, const cv::Mat& labels);

// Reads the sequence once, after segmenter.begin(). With ground truth, frames that have labels are
// shown. on_frame is called as the sequence is read. Throws InputError, also for ground truth of
// another size than the frames.
Gallery make_gallery(
    Segmenter& segmenter, const NamedSequence& sequence, const GalleryOptions& options = {},
    const std::function<void(int64_t done, int64_t total)>& on_frame = [](int64_t, int64_t) {});

}  // namespace proxseg
