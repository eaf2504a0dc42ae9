// Masks for whole sequences, on disk.
//   flat layout:   DIR/mask/NAME.png, DIR/soft/NAME.png, DIR/background/NAME.png,
//                  DIR/foreground/NAME.png, DIR/background.png, DIR/mask.mkv, DIR/overlay.mp4,
//                  DIR/boxes.csv, DIR/contours.json, DIR/coco.json, DIR/yolo/labels/NAME.txt,
//                  DIR/yolo/data.yaml, DIR/labelme/NAME.json, DIR/labelme/labels.txt, DIR/tracks.csv,
//                  DIR/tracks.txt, DIR/labels/NAME.png, DIR/labels.csv, DIR/cvat.xml, DIR/counts.json,
//                  DIR/crossings.csv, DIR/visits.csv, DIR/occupancy.csv
//                  DIR/segmentation.json: what made them
//   cdnet layout:  the same, but masks are DIR/binNNNNNN.png
// DIR "-" is standard output: masks as raw bytes, H x W of 0 or 255 for each frame, row by row.
#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <nlohmann/json_fwd.hpp>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "proxseg/media/sequences.h"
#include "proxseg/media/source.h"
#include "proxseg/segment/segmenter.h"
#include "proxseg/track/counting.h"

namespace proxseg {

enum class Layout { kFlat, kCdnet };

// "mask", "soft", ...
const char* name_of(Product product);

// Reads a list such as "mask,soft". Throws UsageError naming an unknown product.
std::set<Product> parse_products(const std::string& list);

struct ExportOptions {
  std::set<Product> save = {Product::kMask};
  Layout layout = Layout::kFlat;
  bool force = false;     // start over: products of earlier calls are removed first
  double fps = 25.0;      // of written videos where the input has no frame rate
  CountOptions counts{};  // of Product::kCounts
};

// {"lines": [{"name", "points", "left_to_right", "right_to_left"}], "zones": [{"name", "points",
// "visits", "objects", "most_at_once", "mean_at_once", "mean_seconds"}]}, as counts.json has it.
nlohmann::ordered_json json_of(const Counts& counts);

// What earlier calls have recorded in folder; nothing where there is no record.
std::set<Product> recorded_products(const std::filesystem::path& folder);

// The lines and zones that they have counted at.
CountOptions recorded_counts(const std::filesystem::path& folder);

// Throws OutputError if they are others than these.
void expect_same_counts(const std::filesystem::path& folder, const CountOptions& counts);

// For how many frames earlier calls have made all of options.save in folder, in the flat layout, with
// options.counts; nothing where some of it has not been made or is gone.
std::optional<int64_t> frames_done(const std::filesystem::path& folder,
                                   const ExportOptions& options);

// doubts_about() the masks of a whole sequence that lie in folder, perhaps corrected by hand; of many by some of them.
std::vector<std::string> doubts_about_masks(const std::filesystem::path& folder);

// A sentence without its final stop where the masks in folder are recorded as those of other frames than the sequence's,
// a path; nothing where they are the same, or nobody can tell.
std::optional<std::string> doubt_about_frames(const std::filesystem::path& folder,
                                              const std::string& sequence);

struct SequenceResult {
  std::string name;
  std::filesystem::path folder;
  int64_t frames = 0;  // read
  int64_t segmented = 0;
  int64_t present = 0;  // done by an earlier call
  double seconds = 0.0;
  std::set<Product> products;         // written
  std::vector<std::string> skipped;   // unreadable
  std::vector<std::string> warnings;  // doubts_about() all masks, also those done before
  std::optional<Counts> counts;       // by this call

  // With reading frames and writing results; 0 if none was segmented.
  double frames_per_second() const {
    return seconds > 0 ? static_cast<double>(segmented) / seconds : 0.0;
  }
};

struct InferCallbacks {
  std::function<void(const SequenceInfo&)> on_start = [](const SequenceInfo&) {};
  // Before the segmenter learns the scene, for which it may read the sequence once.
  std::function<void()> on_learning = [] {};
  std::function<void(int64_t done, int64_t total)> on_frames = [](int64_t, int64_t) {};
  std::function<bool()> should_stop = [] { return false; };
  // If set: what else the frame at that position, from 1, is to be segmented into. Where that is anything,
  // on_result gets it, along with what is saved; frames have images of the full size then.
  std::function<std::set<Product>(const Frame&, int64_t position)> also_wanted;
  std::function<void(const Frame&, int64_t position, const Segmentation&)> on_result =
      [](const Frame&, int64_t, const Segmentation&) {};
};

// Throws OutputError where products in folder, whichever are made, would lie among the sequence's frames or
// replace its files.
void expect_products_apart(const std::filesystem::path& folder, const NamedSequence& sequence);

// Throws what infer_sequence() throws before it writes: OutputError where folder lies among the
// frames, or holds what another video, model, range or setting made and options.force is not set;
// UsageError for lines and zones outside of the frame; InputError where its size cannot be read.
void expect_free_folder(const std::filesystem::path& folder, const Segmenter& segmenter,
                        const NamedSequence& sequence, const SourceOptions& source,
                        const ExportOptions& options);

// Reads the sequence frame by frame in constant memory, once segmenter.begin() has read what it
// needs. Frames whose results an earlier call has written are skipped, but still shown to a
// segmenter that needs every frame. source: which frames to segment; its scale and gray are
// ignored. Images are of segmenter.least_images() where no product shows them. Of a stream, the first
// wanted_head() frames are held in memory for begin(), and then segmented as all others are. Its folder
// must be empty unless options.force is set, and stopping it is its end: videos and lists are written.
// Throws InputError, after all results before the broken frame have been written; OutputError, also as
// expect_free_folder() does.
SequenceResult infer_sequence(Segmenter& segmenter, const NamedSequence& sequence,
                              const std::filesystem::path& folder, const SourceOptions& source,
                              const ExportOptions& options, const InferCallbacks& callbacks = {});

}  // namespace proxseg
