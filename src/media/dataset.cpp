#include "proxseg/media/dataset.h"

#include <algorithm>

#include "proxseg/core/file.h"
#include "proxseg/media/image_file.h"

namespace proxseg {
namespace fs = std::filesystem;
namespace {

// Absolute, and without a slash at its end; links are kept, as the ground truth lies beside them.
fs::path without_slash(const fs::path& folder) {
  const fs::path whole = fs::absolute(folder).lexically_normal();
  return whole.has_filename() ? whole : whole.parent_path();
}

// The folder of labels beside a folder of frames; empty if there is none.
fs::path labels_beside(const fs::path& frames) {
  for (const char* ending : {"-GT", "_GT"}) {
    fs::path beside = frames.string() + ending;
    if (is_folder(beside)) return beside;
  }
  return {};
}

bool is_background_image(const std::string& name) {
  return name.starts_with("GT") && has_image_extension(name);
}

}  // namespace

// A folder of frames is no dataset's merely because it is called so: CDnet and SBMnet are known by
// input/, LASIESTA by the labels beside.
SequenceFolders folders_of(const fs::path& sequence) {
  const fs::path input = sequence / "input";
  const bool has_input = is_folder(input);
  const fs::path& frames = has_input ? input : sequence;
  if (is_folder(sequence / "groundtruth")) {
    return {Dataset::kCdnet, frames, sequence / "groundtruth"};
  }
  if (has_input) {
    if (is_folder(sequence / "GT")) return {Dataset::kSbmnet, frames, sequence / "GT"};
    if (std::ranges::any_of(names_if_any(sequence), is_background_image)) {
      return {Dataset::kSbmnet, frames, sequence};
    }
    return {Dataset::kNone, frames};
  }
  const fs::path whole = without_slash(sequence);
  for (const fs::path& folder : {whole, whole / whole.filename()}) {
    const fs::path labels = is_folder(folder) ? labels_beside(folder) : fs::path();
    if (!labels.empty()) return {Dataset::kLasiesta, folder, labels};
  }
  return {Dataset::kNone, frames};
}

bool has_labels(const fs::path& sequence) {
  const Dataset dataset = folders_of(sequence).dataset;
  return dataset == Dataset::kCdnet || dataset == Dataset::kLasiesta;
}

std::vector<fs::path> ground_truth_images(const SequenceFolders& folders) {
  std::vector<fs::path> images;
  if (folders.dataset == Dataset::kNone) return images;
  const bool among_others = folders.ground_truth == folders.frames.parent_path();
  for (const std::string& name : names_in(folders.ground_truth)) {
    if (among_others ? is_background_image(name) : has_image_extension(name))
      images.push_back(folders.ground_truth / name);
  }
  return images;
}

std::string to_string(Dataset dataset) {
  switch (dataset) {
    case Dataset::kNone:
      return "";
    case Dataset::kCdnet:
      return "cdnet";
    case Dataset::kLasiesta:
      return "lasiesta";
    case Dataset::kSbmnet:
      return "sbmnet";
  }
  return "";
}

}  // namespace proxseg
