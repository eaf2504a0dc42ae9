#include "proxseg/media/dataset.h"

#include <fmt/format.h>

#include <algorithm>
#include <system_error>

#include "proxseg/core/error.h"
#include "proxseg/media/image_file.h"

namespace proxseg {
namespace fs = std::filesystem;
namespace {

bool is_folder(const fs::path& path) {
  std::error_code ignored;
  return fs::is_directory(path, ignored);
}

// Absolute, and without a slash at its end; links are kept, as the ground truth lies beside them.
fs::path without_slash(const fs::path& folder) {
  const fs::path whole = fs::absolute(folder).lexically_normal();
  return whole.has_filename() ? whole : whole.parent_path();
}

// The folder of labels beside a folder of frames; empty if there is none.
fs::path labels_beside(const fs::path& frames) {
  for (const char* ending : {"-GT", "_GT"}) {
    const fs::path beside = frames.string() + ending;
    if (is_folder(beside)) return beside;
  }
  return {};
}

bool is_background_image(const fs::path& file) {
  return file.filename().string().starts_with("GT") && has_image_extension(file);
}

bool holds_background_image(const fs::path& folder) {
  std::error_code ignored;
  const fs::directory_iterator entries(folder, ignored);
  return std::any_of(begin(entries), end(entries),
                     [](const auto& entry) { return is_background_image(entry.path()); });
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
    if (holds_background_image(sequence)) return {Dataset::kSbmnet, frames, sequence};
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
  std::error_code error;
  for (fs::directory_iterator it(folders.ground_truth, error), end; !error && it != end;
       it.increment(error)) {
    const fs::path& file = it->path();
    if (among_others ? is_background_image(file) : has_image_extension(file))
      images.push_back(file);
  }
  if (!error) return images;
  throw InputError(
      fmt::format("cannot list '{}': {}", folders.ground_truth.string(), error.message()));
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
