// What turns the frames of a sequence into masks: a trained network or a baseline.
#pragma once

#include <cstdint>
#include <map>
#include <opencv2/core.hpp>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "proxseg/media/source.h"
#include "proxseg/recipe/recipe.h"
#include "proxseg/scene/options.h"
#include "proxseg/scene/plausibility.h"
#include "proxseg/scene/scene_model.h"

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
  kCoco,
  kYolo,
  kLabelme,
  kTracks,
  kLabels,
  kCvat,
  kCounts
};

struct Segmentation {
  cv::Mat mask;        // 8UC1, 0 or 255
  cv::Mat soft;        // 32FC1 in [0, 1]: what the mask is made of by a threshold and clean-up
  cv::Mat background;  // L: 8UC1 or 8UC3
  cv::Mat foreground;  // |S|: 8UC1 or 8UC3
};

// What masks depend on besides their frames, by name: "method", "mask.threshold", ...
using MaskSettings = std::map<std::string, std::string>;

// Those fields of recipe whose keys are given; a key that ends in '.' stands for all that begin so.
MaskSettings settings_of(const Recipe& recipe, const std::vector<std::string>& keys);

class Segmenter {
 public:
  virtual ~Segmenter() = default;

  // What the output folders of its masks keep a record of.
  const MaskSettings& settings() const { return settings_; }
  void set_settings(MaskSettings settings) { settings_ = std::move(settings); }

  // Starts on a sequence, at its full size, and forgets earlier ones. May first read all of it by
  // open_ahead(), leaving out unreadable frames. products: what its results are made for; pictures of the
  // background that are not among them may lack detail. Throws InputError.
  virtual void begin(const SequenceInfo& sequence, const std::set<Product>& products) = 0;

  // How small the images that segment() gets may be where no product shows them: scale and pixels count.
  virtual SourceOptions least_images() const { return {}; }

  // The parts of a recording, in their order, which begin() gets one by one as SequenceInfo::part; one if it is to
  // get all at once. recording: all of it, whichever frames of it are to be segmented.
  virtual std::vector<Span> parts(const SequenceInfo& /*recording*/) const { return {Span()}; }

  // How many first images of a stream begin() learns from (SequenceInfo::head), if they come.
  virtual int64_t wanted_head() const { return 0; }

  // When the frame that segment() gets next was taken, by any clock that does not run back: for a
  // segmenter that follows a stream, which gets one frame at a time then.
  virtual void set_time(double /*seconds*/) {}

  // frames: 8UC1 or 8UC3 of the sequence, in its order and of its image_size, which is its size for products
  // that show them. products: those wanted; other members of a result may stay empty. Masks are 0 outside
  // the region of interest. Throws UsageError before begin() and for frames of another size.
  virtual std::vector<Segmentation> segment(const std::vector<cv::Mat>& frames,
                                            const std::set<Product>& products) = 0;

  // The sequence without its objects, as one image: 8UC1 or 8UC3 of the frames' size, as known
  // after the frames so far. Only after begin().
  virtual cv::Mat background() const = 0;

  // How many frames to give to segment() at once.
  virtual int64_t batch() const { return 1; }

  // A result depends on all frames before it.
  virtual bool needs_every_frame() const { return false; }

  virtual MaskMaker maker() const { return MaskMaker::kClassicalMethod; }

 private:
  MaskSettings settings_;
};

// The parts of a recording that have a background each, by options.period: equally long, and on average with a
// quarter of options.frames at least; of a stream one.
std::vector<Span> parts_of(const SequenceInfo& recording, const BackgroundOptions& options);

// The images that the scene of a sequence is modelled of: of a stream's head, else of all readable
// frames of sequence.path, whichever of them are to be segmented; of a video with enough key frames of these, so
// that one of an hour need not be decoded twice. Of sequence.part alone, where that has a quarter of
// options.frames. size: their scale and pixels count. They are decoded as the images of the sequence are: where those
// are not reduced, at full size first.
// Throws InputError as images_for_scene() does.
std::vector<cv::Mat> scene_images_of(const SequenceInfo& sequence, const BackgroundOptions& options,
                                     const SourceOptions& size = {});

// Whether those are the key frames of a video, if they can be shown.
bool learns_from_key_frames(const SequenceInfo& sequence, const BackgroundOptions& options);

// The scene of a sequence that is about to be segmented, by model_scene() of scene_images_of().
SceneModel scene_of(const SequenceInfo& sequence, const BackgroundOptions& options,
                    const SourceOptions& size = {});

// Throws UsageError unless every frame is of that size, which is empty before begin().
void expect_frames(const std::vector<cv::Mat>& frames, cv::Size size);

}  // namespace proxseg
