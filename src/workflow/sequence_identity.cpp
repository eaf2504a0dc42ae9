#include "workflow/sequence_identity.h"

#include <fmt/format.h>

#include <filesystem>
#include <system_error>
#include <utility>
#include <vector>

#include "proxseg/core/file.h"
#include "proxseg/media/dataset.h"
#include "proxseg/media/sequences.h"

namespace proxseg {
namespace fs = std::filesystem;
namespace {

// "name size" of each file in folder.
std::vector<std::string> files_in(const fs::path& folder) {
  std::vector<std::string> files;
  for (const std::string& name : names_if_any(folder)) {
    std::error_code ignored;
    const fs::path path = folder / name;
    if (!is_file(path)) continue;
    files.push_back(fmt::format("{} {}", path.string(), fs::file_size(path, ignored)));
  }
  return files;
}

}  // namespace

std::string identity_of(const std::string& path) {
  std::error_code error;
  const fs::path canonical = fs::weakly_canonical(path, error);
  std::string identity = canonical.string() + '\n';
  std::vector<std::string> files;
  if (is_folder(canonical)) {
    const SequenceFolders folders = folders_of(canonical);
    files = files_in(canonical);
    for (const fs::path& folder : {folders.frames, folders.ground_truth}) {
      if (folder == canonical) continue;
      for (std::string& file : files_in(folder)) files.push_back(std::move(file));
    }
  } else if (is_there(canonical)) {
    files.push_back(fmt::format("{}", fs::file_size(canonical, error)));
  } else {
    for (const std::string& match : glob_paths(path)) {
      files.push_back(fmt::format("{} {}", match, fs::file_size(match, error)));
    }
  }
  for (const std::string& file : files) identity += file + '\n';
  return identity;
}

}  // namespace proxseg
