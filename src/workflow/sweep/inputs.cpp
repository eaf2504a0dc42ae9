#include "workflow/sweep/inputs.h"

#include <fmt/format.h>

#include <algorithm>
#include <filesystem>
#include <system_error>

#include "proxseg/core/error.h"
#include "proxseg/media/image_file.h"

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

}  // namespace

std::vector<NamedSequence> expand_input(const std::string& path_or_glob) {
  std::error_code ignored;
  const std::string path = fs::absolute(path_or_glob).lexically_normal().string();
  const bool is_glob = !fs::exists(path, ignored) && path.find_first_of("*?[") != std::string::npos;
  if (!is_glob) return find_sequences(path);
  std::vector<NamedSequence> sequences;
  for (const std::string& match : glob_paths(path)) {
    if (has_image_extension(match)) return find_sequences(path);
    for (NamedSequence& sequence : find_sequences(match)) sequences.push_back(std::move(sequence));
  }
  if (sequences.empty()) throw InputError(fmt::format("nothing matches '{}'", path_or_glob));
  return sequences;
}

std::string identity_of(const std::string& path) {
  std::error_code error;
  const fs::path canonical = fs::weakly_canonical(path, error);
  std::string identity = canonical.string() + '\n';
  std::vector<std::string> files;
  if (fs::is_directory(canonical, error)) {
    for (const fs::path& folder : {canonical, canonical / "input", canonical / "groundtruth"}) {
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

bool has_ground_truth(const std::string& path) {
  std::error_code ignored;
  return fs::is_directory(fs::path(path) / "groundtruth", ignored);
}

}  // namespace proxseg
