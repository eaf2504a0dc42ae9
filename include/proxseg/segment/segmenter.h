// What turns the frames of a sequence into masks: a trained network or a baseline.
#pragma once

#include <cstdint>
#include <opencv2/core.hpp>
#include <set>
#include <vector>

#include "proxseg/media/source.h"

namespace proxseg {

enum class Product {
  kMask,
  kSoft,
  kBackground,
  kForeground,
  kBackgroundImage,
  kMaskVideo,
  kOverlay,
  kBoxes,
  kContours,
  kCoco
};

struct Segmentation {
  cv::Mat mask;        // 8UC1, 0 or 255
  cv::Mat soft;        // 32FC1 in [0, 1]: what the mask is made of by a threshold and clean-up
  cv::Mat background;  // L: 8UC1 or 8UC3
  cv::Mat foreground;  // |S|: 8UC1 or 8UC3
};

class Segmenter {
 public:
  virtual ~Segmenter() = default;

  // The sequence to segment from now on, at its full size; earlier ones are forgotten. May read it
  // ahead by open_ahead(), without its unreadable frames. Throws InputError.
  virtual void begin(const SequenceInfo& sequence) = 0;

  // How many of its first images begin() wants as the head of a stream, if they come.
  virtual int64_t wanted_head() const { return 0; }

  // frames: 8UC1 or 8UC3 of the sequence, in its order. products: those wanted; what only others
  // need may stay empty. Masks are 0 outside the region of interest. Throws UsageError before
  // begin() and for frames of another size.
  virtual std::vector<Segmentation> segment(const std::vector<cv::Mat>& frames,
                                            const std::set<Product>& products) = 0;

  // What stands still in the sequence, as one image: 8UC1 or 8UC3 of the frames' size, as it is
  // known after the frames so far. Not before begin().
  virtual cv::Mat background() const = 0;

  // How many frames to give to segment() at once.
  virtual int64_t batch() const { return 1; }

  // A result depends on all frames before it.
  virtual bool needs_every_frame() const { return false; }
};

// Throws UsageError unless every frame is of that size, which is empty before begin().
void expect_frames(const std::vector<cv::Mat>& frames, cv::Size size);

}  // namespace proxseg
