#include "workflow/sweep/inputs.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <set>
#include <system_error>
#include <utility>

#include "proxseg/core/error.h"
#include "proxseg/eval/evaluate.h"
#include "proxseg/media/dataset.h"

namespace proxseg {
namespace fs = std::filesystem;
namespace {

// "name size" of each file in folder, sorted.
std::vector<std::string> files_in(const fs::path& folder) {
  std::vector<std::string> files;
  std::error_code error;
  for (fs::directory_iterator it(folder, error), end; !error && it != end; it.increment(error)) {
    std::error_code ignored;
    if (!it->is_regular_file(ignored)) continue;
    files.push_back(fmt::format("{} {}", it->path().string(), it->file_size(ignored)));
  }
  std::ranges::sort(files);
  return files;
}

std::string identity_of(const std::string& path) {
  std::error_code error;
  const fs::path canonical = fs::weakly_canonical(path, error);
  std::string identity = canonical.string() + '\n';
  std::vector<std::string> files;
  if (fs::is_directory(canonical, error)) {
    const SequenceFolders folders = folders_of(canonical);
    files = files_in(canonical);
    for (const fs::path& folder : {folders.frames, folders.ground_truth}) {
      if (folder == canonical) continue;
      for (std::string& file : files_in(folder)) files.push_back(std::move(file));
    }
  } else if (fs::exists(canonical, error)) {
    files.push_back(fmt::format("{}", fs::file_size(canonical, error)));
  } else {
    for (const std::string& match : glob_paths(path)) {
      files.push_back(fmt::format("{} {}", match, fs::file_size(match, error)));
    }
  }
  for (const std::string& file : files) identity += file + '\n';
  return identity;
}

// Where two names are alike, the paths take their place.
void name_apart(std::vector<SweepInput>& inputs) {
  std::map<std::string, int> uses;
  for (const SweepInput& input : inputs) ++uses[input.sequence.name];
  for (auto& [sequence, identity, has_ground_truth] : inputs) {
    // Relative, as files of a run are named after it.
    if (uses[sequence.name] > 1) sequence.name = fs::path(sequence.path).relative_path().string();
  }
}

}  // namespace

std::vector<SweepInput> find_inputs(const std::vector<Text>& inputs, const fs::path& folder,
                                    std::vector<std::string>& problems) {
  std::vector<SweepInput> found;
  std::set<std::string> known;
  for (const Text& input : inputs) {
    const std::string path = fs::absolute(folder / input.text).lexically_normal().string();
    try {
      for (NamedSequence& sequence : find_sequences(path)) {
        const std::string identity = identity_of(sequence.path);
        if (!known.insert(identity).second) continue;
        const bool is_labelled = has_labels(sequence.path);
        if (is_labelled) check_ground_truth(sequence.path);
        found.push_back({std::move(sequence), identity, is_labelled});
      }
    } catch (const InputError& error) {
      problems.push_back(fmt::format("{}: inputs: {}", input.origin, error.what()));
    }
  }
  name_apart(found);
  return found;
}

}  // namespace proxseg
