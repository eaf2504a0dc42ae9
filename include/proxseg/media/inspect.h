// What is in a sequence and what is wrong with it, found by reading all of it.
#pragma once

#include <cstdint>
#include <nlohmann/json_fwd.hpp>
#include <opencv2/core.hpp>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "proxseg/media/dataset.h"
#include "proxseg/media/source.h"

namespace proxseg {

struct SequenceReport {
  struct Problem {
    std::string frame;    // its file name; of a video, its frame name; "" for the whole sequence
    std::string reason;   // unreadable, damaged, of another shape than the first, of another's name
    bool refused = true;  // training and segmenting end there; not at a damaged frame of a video
  };

  std::string name;
  std::string path;
  SequenceKind kind = SequenceKind::kFolder;
  Dataset dataset = Dataset::kNone;  // of a folder, by how it is laid out
  int64_t ground_truth = 0;          // images of it
  int64_t frames = 0;                // found
  int64_t readable = 0;              // decoded, and of the first frame's shape
  int64_t announced = 0;             // by a video's container, for all of it; 0 if it says nothing
  cv::Size size;                     // as stored, upright
  int channels = 0;                  // 1 or 3
  int depth = CV_8U;                 // CV_8U, CV_16U or CV_32F, as stored
  // The smallest and the largest value; of frames of more than 8 bits the levels of the whole
  // sequence.
  std::optional<std::pair<double, double>> values;
  std::optional<Levels> levels;
  std::string codec, container;  // of a video, FFmpeg's names
  std::string orientation;       // of a video whose pictures are turned, "90 degrees clockwise"
  double fps = 0.0;              // of a video or a stack, on average; 0 if unknown
  double seconds = 0.0;          // likewise, from the first frame chosen to the end of the last
  // Whether its frames come evenly; nothing where they have no times.
  std::optional<bool> has_constant_rate{};
  std::vector<Problem> problems;
  // Of what is accepted, and yet may not be what the user expects: whole sentences.
  std::vector<std::string> notes;
  // Runs of numbers that are missing between the first and the last name, both ends included.
  std::vector<std::pair<int64_t, int64_t>> gaps;
  // Frame numbers of temporalROI.txt.
  std::optional<std::pair<int64_t, int64_t>> temporal_roi;
  // Part of the frame that lies inside the ROI, in [0, 1].
  std::optional<double> roi_coverage;

  // Every frame could be read, none is damaged and none is missing.
  bool intact() const { return problems.empty() && gaps.empty() && readable == frames; }

  // The first problem at which training and segmenting end, unless input.on_error is "skip"; null
  // if there is none.
  const Problem* refusal() const;
};

// Reads the frames of path that options.range and options.every select; scale, gray and levels are
// ignored, and no unreadable frame ends it. Gaps are looked for in the whole sequence. Throws
// InputError as open_source() does, but for problems of single frames; also if no frame at all is
// readable.
SequenceReport inspect_sequence(const std::string& path, const SourceOptions& options = {});

// Several lines for a terminal, the last one ended.
std::string to_text(const SequenceReport& report);

nlohmann::json to_json(const SequenceReport& report);

// "folder", "glob", "video", "cdnet", "stream" or "stack".
std::string to_string(SequenceKind kind);

}  // namespace proxseg
