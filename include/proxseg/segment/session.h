// Masks for whole sequences, on disk.
//   flat layout:   DIR/mask/NAME.png, DIR/soft/NAME.png, DIR/background/NAME.png,
//                  DIR/foreground/NAME.png, DIR/background.png, DIR/mask.mkv, DIR/overlay.mp4,
//                  DIR/boxes.csv, DIR/contours.json, DIR/coco.json
//                  DIR/segmentation.json: what made them
//   cdnet layout:  the same, but masks are DIR/binNNNNNN.png
// With several sequences each has its own folder in DIR, named after it. DIR "-" is standard
// output: masks as raw bytes, H x W of 0 or 255 a frame, row by row.
#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <set>
#include <string>
#include <vector>

#include "proxseg/media/sequences.h"
#include "proxseg/media/source.h"
#include "proxseg/segment/segmenter.h"

namespace proxseg {

enum class Layout { kFlat, kCdnet };

// "mask,soft" to a set. Throws UsageError naming the unknown product.
std::set<Product> parse_products(const std::string& list);

struct ExportOptions {
  std::set<Product> save = {Product::kMask};
  Layout layout = Layout::kFlat;
  bool force = false;  // start over: products of earlier calls are removed first
  double fps = 25.0;   // of videos, where the input does not say
};

struct SequenceResult {
  std::string name;
  std::filesystem::path folder;
  int64_t frames = 0;  // read
  int64_t segmented = 0;
  int64_t present = 0;  // left as they were
  double seconds = 0.0;
  std::vector<std::string> skipped;   // unreadable
  std::vector<std::string> warnings;  // doubts_about() the masks
};

struct InferCallbacks {
  std::function<void(const SequenceInfo&)> on_start = [](const SequenceInfo&) {};
  std::function<void(int64_t done, int64_t total)> on_frames = [](int64_t, int64_t) {};
  std::function<bool()> should_stop = [] { return false; };
};

// Throws the OutputError that infer_sequence() throws before it writes: folder lies among the frames,
// or holds what another video, model, range or setting made and options.force is not set.
void expect_free_folder(const std::filesystem::path& folder, const Segmenter& segmenter,
                        const NamedSequence& sequence, const SourceOptions& source,
                        const ExportOptions& options);

// Reads the sequence frame by frame in constant memory, once segmenter.begin() has read what it
// needs. Frames whose results are there already only pass through a segmenter that needs every
// frame. source: which frames to segment; its scale and gray are ignored.
// Of a stream the segmenter learns from as many of the first frames as it wants, which are held in
// memory and then segmented as all others are; what is stopped is whole, and the folder must be
// empty unless options.force. Throws InputError, after everything before the frame at fault has
// been written; OutputError, also as expect_free_folder().
SequenceResult infer_sequence(Segmenter& segmenter, const NamedSequence& sequence,
                              const std::filesystem::path& folder, const SourceOptions& source,
                              const ExportOptions& options, const InferCallbacks& callbacks = {});

}  // namespace proxseg
