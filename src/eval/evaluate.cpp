#include "proxseg/eval/evaluate.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>

#include "proxseg/core/error.h"
#include "proxseg/core/file.h"
#include "proxseg/media/cdnet.h"
#include "proxseg/media/dataset.h"
#include "proxseg/media/image_file.h"
#include "proxseg/media/sequences.h"
#include "proxseg/media/transform.h"

namespace proxseg {
namespace fs = std::filesystem;
namespace {

constexpr int kBinaryThreshold = 128;

using Files = std::map<int64_t, fs::path>;

// Throws InputError if path is something else than a folder.
void refuse_file(const fs::path& path, const char* what, const char* remedy) {
  if (!is_there(path) || is_folder(path)) return;
  throw InputError(fmt::format("{} '{}' is a file, not a folder", what, path.string()), remedy);
}

Files find_masks(const fs::path& folder, MaskKind kind) {
  refuse_file(folder, "masks:", "Give the folder that proxseg infer wrote to.");
  const bool soft = kind == MaskKind::kSoft;
  Files masks = soft ? numbered_images(folder / "soft", "") : numbered_images(folder, "bin");
  if (!soft && masks.empty()) masks = numbered_images(folder / "mask", "");
  if (!masks.empty()) return masks;
  throw InputError(
      fmt::format("no {} in '{}'{}", soft ? "soft/NAME.png" : "binNNNNNN.png and no mask/NAME.png",
                  folder.string(), is_there(folder) ? "" : ", which is not there"),
      "Give the folder that proxseg infer wrote to; names of masks end with the frame number.");
}

void check_complete(const Files& masks, const Files& truth, const fs::path& folder) {
  const auto is_missing = [&](const auto& frame) { return !masks.contains(frame.first); };
  const auto first = std::find_if(truth.begin(), truth.end(), is_missing);
  if (first == truth.end()) return;
  throw InputError(fmt::format("frame {} has no mask in '{}'; {} of {} evaluated frames have none",
                               first->first, folder.string(),
                               std::count_if(truth.begin(), truth.end(), is_missing), truth.size()),
                   "Segment every frame that has ground truth and lies in temporalROI.txt.");
}

cv::Mat read_mask(const fs::path& file, cv::Size size) {
  cv::Mat mask = to_gray(read_image(file));
  if (mask.size() == size) return mask;
  throw InputError(fmt::format("the mask '{}' is {} x {} but its ground truth is {} x {}",
                               file.string(), mask.cols, mask.rows, size.width, size.height),
                   "Masks must have the size of the frames as they are stored.");
}

// The largest score of an evaluated pixel.
int largest_score(const ScoreHistogram& histogram) {
  int largest = 255;
  const auto is_empty = [&](size_t bin) {
    return histogram.still[bin] + histogram.shadow[bin] + histogram.moving[bin] == 0;
  };
  while (largest > 0 && is_empty(static_cast<size_t>(largest))) --largest;
  return largest;
}

// Other programs write masks of 0 and 1.
int binary_threshold(const ScoreHistogram& histogram, std::vector<std::string>& warnings) {
  const int largest = largest_score(histogram);
  if (largest == 0 || largest >= kBinaryThreshold) return kBinaryThreshold;
  if (largest == 1) {
    warnings.emplace_back("its masks hold no values but 0 and 1: 1 counts as foreground");
    return 1;
  }
  warnings.push_back(fmt::format(
      "no pixel of its masks reaches {}, the largest is {}: all of them count as background",
      kBinaryThreshold, largest));
  return kBinaryThreshold;
}

void expect_counted(const Confusion& confusion, const fs::path& sequence) {
  if (confusion.tp + confusion.fp + confusion.fn + confusion.tn > 0) return;
  throw InputError(
      fmt::format(
          "no pixel of the ground truth of '{}' counts: its ROI.bmp is black, or its labels say 'unknown' "
          "or 'outside the ROI' everywhere",
          sequence.string()),
      "Mend ROI.bmp, which is white where masks are measured, or the labels.");
}

// Masks that are almost the opposite of the labels.
void warn_of_inversion(const Measures& measures, std::vector<std::string>& warnings) {
  constexpr double kMost = 0.5;
  if (measures.fpr <= kMost || measures.recall >= kMost) return;
  warnings.push_back(fmt::format(
      "its masks cover {:.0f} % of the background and {:.0f} % of the objects: they may be inverted, as 255 "
      "stands for objects",
      100.0 * measures.fpr, 100.0 * measures.recall));
}

bool is_sequence(const fs::path& folder) { return folders_of(folder).dataset != Dataset::kNone; }

// Relative paths in order; "." if root is a sequence itself.
std::vector<fs::path> find_sequences_below(const fs::path& root) {
  if (is_sequence(root)) return {"."};
  refuse_file(root, "ground truth:", "Give a sequence with labels, or a tree of them.");
  std::vector<fs::path> found = folders_below(root, is_sequence);
  if (!found.empty()) return found;
  throw InputError(fmt::format("no ground truth in '{}'", root.string()),
                   "Give a sequence of CDnet, which holds groundtruth/, or of LASIESTA, which has "
                   "NAME-GT beside NAME, or a tree of them.");
}

Score mean_of(const std::string& name, const std::vector<Score>& parts) {
  Score result;
  result.name = name;
  std::vector<Measures> measures;
  for (const Score& part : parts) {
    result.frames += part.frames;
    result.average_precision += part.average_precision / static_cast<double>(parts.size());
    measures.push_back(part.measures);
  }
  result.measures = mean(measures);
  return result;
}

void summarize(Evaluation& evaluation) {
  std::map<std::string, std::vector<Score>> by_category;
  for (const auto& sequence : evaluation.sequences) {
    by_category[sequence.category].push_back(sequence.score);
  }
  for (const auto& [category, scores] : by_category) {
    evaluation.categories.push_back(mean_of(category, scores));
  }
  evaluation.overall = mean_of("overall", evaluation.categories);
}

}  // namespace

SequenceEvaluation evaluate_sequence(const fs::path& masks, const fs::path& sequence,
                                     MaskKind kind) {
  const GroundTruth truth(sequence);
  const Files mask_files = find_masks(masks, kind);
  check_complete(mask_files, truth.files(), masks);
  ScoreHistogram histogram;
  for (const auto& [number, file] : truth.files()) {
    const cv::Mat labels = truth.labels(file);
    histogram.add(read_mask(mask_files.at(number), labels.size()), labels);
  }
  SequenceEvaluation result;
  result.masks = masks;
  result.sequence = sequence;
  result.curve = curve_of(histogram);
  result.threshold = kind == MaskKind::kSoft ? best_threshold(result.curve)
                                             : binary_threshold(histogram, result.warnings);
  result.confusion = result.curve.at(static_cast<size_t>(result.threshold));
  expect_counted(result.confusion, sequence);
  result.score.name = folder_name(sequence, "sequence");
  result.score.frames = static_cast<int64_t>(truth.files().size());
  result.score.measures = measures_of(result.confusion);
  result.score.average_precision = average_precision(result.curve);
  warn_of_inversion(result.score.measures, result.warnings);
  return result;
}

void check_ground_truth(const fs::path& sequence) { const GroundTruth truth(sequence); }

Evaluation evaluate(const fs::path& masks, const fs::path& ground_truth, MaskKind kind,
                    const std::function<void(int64_t done, int64_t total)>& on_sequence) {
  Evaluation result;
  result.kind = kind;
  const std::vector<fs::path> found = find_sequences_below(ground_truth);
  for (const fs::path& path : found) {
    const bool alone = path == ".";
    auto& sequence = result.sequences.emplace_back(
        alone ? evaluate_sequence(masks, ground_truth, kind)
              : evaluate_sequence(masks / path, ground_truth / path, kind));
    if (!alone) sequence.score.name = path.string();
    if (path.has_parent_path()) sequence.category = path.begin()->string();
    on_sequence(static_cast<int64_t>(result.sequences.size()), static_cast<int64_t>(found.size()));
  }
  summarize(result);
  return result;
}

}  // namespace proxseg
