#include "proxseg/media/sequences.h"

#include <fmt/format.h>

#include <algorithm>
#include <filesystem>
#include <set>

#include "media/location.h"
#include "proxseg/core/error.h"
#include "proxseg/media/image_file.h"
#include "proxseg/media/stream.h"

namespace proxseg {
namespace fs = std::filesystem;
namespace {

bool has_input_folder(const fs::path& folder) {
  std::error_code error;
  return fs::is_directory(folder / "input", error);
}

bool holds_images(const fs::path& folder) {
  std::error_code error;
  const auto entries = fs::directory_iterator(folder, error);
  return std::any_of(begin(entries), end(entries),
                     [](const auto& e) { return has_image_extension(e.path()); });
}

}  // namespace

std::vector<fs::path> folders_holding(const fs::path& root, const std::string& name) {
  std::vector<fs::path> found;
  std::error_code error, ignored;
  for (fs::recursive_directory_iterator it(root, error), end; !error && it != end;
       it.increment(error)) {
    if (!fs::is_directory(it->path() / name, ignored)) continue;
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
  if (fs::is_directory(folder, error) && !has_input_folder(folder) && !holds_images(folder)) {
    for (const fs::path& below : folders_holding(folder, "input")) {
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
