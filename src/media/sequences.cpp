#include "proxseg/media/sequences.h"

#include <fmt/format.h>

#include <algorithm>
#include <filesystem>
#include <set>

#include "media/location.h"
#include "proxseg/core/error.h"
#include "proxseg/media/dataset.h"
#include "proxseg/media/image_file.h"
#include "proxseg/media/stream.h"

namespace proxseg {
namespace fs = std::filesystem;
namespace {

bool is_laid_out(const fs::path& folder) {
  const SequenceFolders folders = folders_of(folder);
  return folders.dataset == Dataset::kLasiesta || folders.frames == folder / "input";
}

bool holds_images(const fs::path& folder) {
  std::error_code error;
  const auto entries = fs::directory_iterator(folder, error);
  return std::any_of(begin(entries), end(entries),
                     [](const auto& e) { return has_image_extension(e.path()); });
}

}  // namespace

std::vector<fs::path> folders_below(const fs::path& root,
                                    const std::function<bool(const fs::path&)>& is_wanted) {
  std::vector<fs::path> found;
  std::error_code error, ignored;
  for (fs::recursive_directory_iterator it(root, error), end; !error && it != end;
       it.increment(error)) {
    if (!it->is_directory(ignored) || !is_wanted(it->path())) continue;
    found.push_back(it->path().lexically_relative(root));
    it.disable_recursion_pending();
  }
  if (error) {
    throw InputError(fmt::format("cannot list '{}': {}", root.string(), error.message()));
  }
  std::sort(found.begin(), found.end(),
            [](const fs::path& a, const fs::path& b) { return a.string() < b.string(); });
  return found;
}

std::vector<NamedSequence> find_sequences(const std::string& path) {
  if (is_stream(path)) return {{path, stream_name(path)}};
  const fs::path folder(path);
  std::error_code error;
  std::vector<NamedSequence> found;
  if (fs::is_directory(folder, error) && !is_laid_out(folder) && !holds_images(folder)) {
    for (const fs::path& below : folders_below(folder, is_laid_out)) {
      found.push_back({(folder / below).string(), below.string()});
    }
  }
  if (found.empty()) found.push_back({path, locate(path).name});
  return found;
}

std::vector<NamedSequence> find_sequences(const std::vector<std::string>& paths) {
  std::vector<NamedSequence> sequences;
  std::set<std::string> names;
  for (const std::string& path : paths) {
    for (auto& sequence : find_sequences(path)) {
      if (!names.insert(sequence.name).second) {
        throw UsageError(
            fmt::format("two inputs are named '{}': their outputs would mix", sequence.name),
            "Give them to two calls with different --output.");
      }
      sequences.push_back(std::move(sequence));
    }
  }
  return sequences;
}

}  // namespace proxseg
