// Masks on disk against the ground truth of sequences of CDnet and LASIESTA.
#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <map>
#include <opencv2/core.hpp>
#include <string>
#include <vector>

#include "proxseg/eval/measures.h"

namespace proxseg {

enum class MaskKind {
  kBinary,  // DIR/binNNNNNN.png, or if there is none DIR/mask/NAME.png; foreground is >= 128, or
            // 1 where no mask of the sequence holds anything but 0 and 1
  kSoft     // DIR/soft/NAME.png, 8-bit; measured at the best threshold of the sequence
};

struct Score {
  std::string name;
  int64_t frames = 0;  // evaluated
  Measures measures;
  double average_precision = 0.0;  // of soft masks; meaningless for binary ones
};

struct SequenceEvaluation {
  Score score;           // named "category/video", or "video"
  std::string category;  // "" if it has none
  std::filesystem::path masks;
  ScoreCurve curve{};
  int threshold = 0;    // of the measures: a pixel is foreground if it is at least that
  Confusion confusion;  // at that threshold, summed over the frames
  std::vector<std::string> warnings{};  // why the measures may mislead
  std::filesystem::path sequence{};     // that the labels are of
};

struct Evaluation {
  MaskKind kind = MaskKind::kBinary;
  std::vector<SequenceEvaluation> sequences;  // ordered by path
  std::vector<Score> categories;              // means of their sequences
  Score overall;                              // mean of the categories
};

// sequence: folder with groundtruth/gtNNNNNN.png (0 static, 50 hard shadow, 85 outside the ROI, 170
// unknown, 255 motion; grey, or colour with equal channels) and, both optional, ROI.bmp (inside is
// >= 128; fitted with a warning if it has another size) and temporalROI.txt (first and last
// evaluated frame); or one that the coloured labels of LASIESTA lie beside (media/dataset.h; black
// is static, (128, 128, 128) unknown, any pure colour motion). Every such frame with ground truth is
// evaluated; masks, a folder, must hold its mask, whose name ends with the frame number. Throws
// InputError: no ground truth, ground truth that is no labels (SBMnet), none within temporalROI.txt,
// another label, no mask, a frame without mask, sizes that differ, a file that cannot be read.
SequenceEvaluation evaluate_sequence(const std::filesystem::path& masks,
                                     const std::filesystem::path& sequence,
                                     MaskKind kind = MaskKind::kBinary);

// Labels of the evaluated frames of a sequence.
class GroundTruth {
 public:
  // sequence: as evaluate_sequence() takes it. Throws InputError as that does.
  explicit GroundTruth(const std::filesystem::path& sequence);

  // Of the evaluated frames, by frame number; at least one.
  const std::map<int64_t, std::filesystem::path>& files() const { return files_; }

  // file: one of files(). 8UC1; label::kOutsideRoi wherever ROI.bmp excludes it. Throws InputError.
  cv::Mat labels(const std::filesystem::path& file) const;

 private:
  bool in_color_ = false;  // LASIESTA's
  std::map<int64_t, std::filesystem::path> files_;
  cv::Size size_;
  cv::Mat outside_;  // 8UC1, empty without ROI.bmp
};

// Throws the InputError that evaluate_sequence() throws before it reads a mask: no ground truth,
// none within temporalROI.txt, a file beside it that cannot be read.
void check_ground_truth(const std::filesystem::path& sequence);

// ground_truth: a sequence, or a tree of them. In a tree, masks holds a folder of the same relative
// path for each sequence; a path of several parts begins with the category. on_sequence is called
// after each sequence. Throws InputError as evaluate_sequence() does, and if there is no sequence.
Evaluation evaluate(
    const std::filesystem::path& masks, const std::filesystem::path& ground_truth,
    MaskKind kind = MaskKind::kBinary,
    const std::function<void(int64_t done, int64_t total)>& on_sequence = [](int64_t, int64_t) {});

// Rows are the sequences, then the means over each category and over all; soft masks add the
// threshold and the average precision (AP).
// Columns are aligned for a terminal.
// columns: of the terminal that the table shall fit; 0: any number.
std::string to_text(const Evaluation& evaluation, size_t columns = 0);
std::string to_markdown(const Evaluation& evaluation);

// Numbers in full precision; level is sequence, category or overall.
std::string to_csv(const Evaluation& evaluation);

// An object with sequences (counts and measures), categories and overall.
std::string to_json(const Evaluation& evaluation);

// sequence,threshold,Re,FPR,Pr,F: 256 rows a sequence.
std::string curves_to_csv(const Evaluation& evaluation);

// One line for cm.txt: TP FP FN TN and, of the false positives, those on hard shadow.
std::string to_cm(const Confusion& confusion);

}  // namespace proxseg
